internal import CPlatform
internal import FoundationEssentials
internal import Glibc
package import Handover

/// Reads what the update gate wants to know of this machine. What is not there, as on a machine that is no Pi, is nil.
package struct HostReader: Sendable {
    /// Before all paths of the kernel's; tests put a folder of their own.
    private let root: String

    package init(root: String = "") { self.root = root }

    /// `images`: the folder in which the engine keeps images; nil: it does not say.
    package func read(state: String, images: String?) -> UpdateGate.Host {
        UpdateGate.Host(
            temperature: temperature, isThrottled: isThrottled, memory: memory, stateSpace: space(state),
            imageSpace: images.flatMap(space))
    }

    /// °C of the hottest thermal zone (Documentation/driver-api/thermal/sysfs-api.rst: millidegrees).
    private var temperature: Double? {
        let folder = root + "/sys/class/thermal"
        let zones = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return zones.filter { $0.hasPrefix("thermal_zone") }
            .compactMap { contents("\(folder)/\($0)/temp").flatMap(Double.init) }.map { $0 / 1000 }.max()
    }

    /// The firmware's word on a Pi, in hexadecimal; the low four bits are what holds now: too little voltage, clock capped,
    /// throttled, soft temperature limit.
    private var isThrottled: Bool? {
        contents(root + "/sys/devices/platform/soc/soc:firmware/get_throttled")
            .flatMap { UInt32($0.hasPrefix("0x") ? String($0.dropFirst(2)) : $0, radix: 16) }.map { $0 & 0xF != 0 }
    }

    /// Bytes that programs can have without swapping (proc(5), MemAvailable in kB).
    private var memory: Int? {
        guard let text = contents(root + "/proc/meminfo") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }

    private func space(_ folder: String) -> Int? {
        var found = statvfs()
        guard statvfs(folder, &found) == 0 else { return nil }
        return Int(clamping: UInt64(found.f_bavail) * UInt64(found.f_frsize))
    }

    private func contents(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmed
    }
}
