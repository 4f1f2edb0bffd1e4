package import CContract
internal import CPlatform
internal import Contract
internal import FoundationEssentials
internal import Handover

/// Looks at what kernel and firmware say of the machine on which core and containers are to run.
///
/// What the machine does not say, as one that is no Pi, is no finding.
package struct MachineCheck: Sendable {
    /// Before all paths of the kernel's; tests put a folder of their own.
    private let root: String

    package init(root: String = "") { self.root = root }

    /// The board file against the machine that it is to fly on.
    package func findings(of board: da_board) -> [Finding] {
        [gpioChip(board), busClock(text(board.bus_device), board.bus_speed, "bus.speed_hz")].compactMap { $0 }
            + [busClock(text(board.motor_bus_device), board.motor_bus_speed, "motor_bus.speed_hz")].compactMap { $0 }
    }

    /// Kernel, clock, CPU and disks; `state` as in `Directories`, `images`: the engine's folder.
    package func findings(state: String, images: String?) -> [Finding] {
        let host = HostReader(root: root).read(state: state, images: images)
        return [memoryLimits, clock, governor].compactMap { $0 } + [load(host), journal(state)].compactMap { $0 }
    }

    // MARK: Board

    /// Labels of the GPIO chips with the 40 pins' lines, by model (the kernel's drivers/pinctrl/bcm and pinctrl-rp1.c).
    private static let labels = [
        ("Raspberry Pi 5", "pinctrl-rp1"), ("Raspberry Pi Compute Module 5", "pinctrl-rp1"),
        ("Raspberry Pi 4", "pinctrl-bcm2711"), ("Raspberry Pi Compute Module 4", "pinctrl-bcm2711"),
        ("Raspberry Pi 3", "pinctrl-bcm2835"), ("Raspberry Pi Zero 2", "pinctrl-bcm2835"),
    ]

    private func gpioChip(_ board: da_board) -> Finding? {
        guard let model, let label = Self.labels.first(where: { model.hasPrefix($0.0) })?.1 else { return nil }
        let theirs = text(board.gpio_label)
        return theirs == label
            ? Finding(.ok, "model", "This is a \(model), for which the board file is.")
            : Finding(
                .fault, "model",
                "This is a \(model), whose GPIO chip is \(label), but the board file says \(theirs); take the file of this model, or correct gpio.label."
            )
    }

    /// Device tree: a string that ends with a zero.
    private var model: String? {
        contents("/proc/device-tree/model")?.split(separator: "\0").first.map(String.init)
    }

    /// What the booted device tree gives the adapter (its clock-frequency, 32 bits, big-endian). By the bus's folder: Debian's
    /// kernel has no class i2c-adapter.
    private func busClock(_ device: String, _ speed: UInt32, _ key: String) -> Finding? {
        guard device.hasPrefix("/dev/i2c-") else { return nil }
        let adapter = device.dropFirst("/dev/".count)
        let path = root + "/sys/bus/i2c/devices/\(adapter)/of_node/clock-frequency"
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)), bytes.count == 4 else { return nil }
        let booted = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return booted == speed
            ? Finding(.ok, "bus clock", "\(device) was booted with \(booted) Hz.")
            : Finding(
                .fault, "bus clock",
                "\(device) was booted with \(booted) Hz, the board file says \(speed); \(clockAdvice(speed)) and boot again, or correct \(key)."
            )
    }

    /// What our own card has, whose device trees are Debian's and know no dtparam (cross-build/card).
    private static let cardClock = "/usr/libexec/droneagent-card/bus-clock"

    private func clockAdvice(_ speed: UInt32) -> String {
        FileManager.default.fileExists(atPath: root + Self.cardClock)
            ? "run 'sudo mount -o remount,rw /boot/firmware && sudo \(Self.cardClock) /boot/firmware', which writes what the board file says,"
            : "set dtparam=i2c_arm=on,i2c_arm_baudrate=\(speed) in /boot/firmware/config.txt"
    }

    // MARK: Kernel

    /// cgroups(7): the second version names its controllers; the first one's table has "enabled" as its last column.
    private var memoryLimits: Finding? {
        let unified = contents("/sys/fs/cgroup/cgroup.controllers")?.split(separator: " ").contains("memory")
        let former = contents("/proc/cgroups")?.split(separator: "\n")
            .first { $0.hasPrefix("memory\t") }.map { $0.hasSuffix("\t1") }
        guard unified != nil || former != nil else { return nil }
        return unified == true || former == true
            ? Finding(.ok, "memory limits", "The kernel bounds the memory of a container.")
            : Finding(
                .fault, "memory limits",
                "The kernel does not bound the memory of a container, so that one can starve the flight; add cgroup_enable=memory to the line in /boot/firmware/cmdline.txt and boot again."
            )
    }

    /// A registry's certificate, and the time in a log, need a clock that is right; the flight does not.
    private var clock: Finding {
        da_clock_is_synchronized() == 1
            ? Finding(.ok, "clock", "The clock is synchronised.")
            : Finding(
                .warning, "clock",
                "The clock is not synchronised: a registry's certificate may seem not to be valid, and log times are off; connect to a network with a time server, or set it with 'timedatectl set-time'."
            )
    }

    /// cpufreq of the kernel's admin guide; a governor that lowers the clock wakes the tick late.
    private var governor: Finding? {
        let folder = "/sys/devices/system/cpu/cpufreq"
        let policies = (try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []
        let governors = Set(
            policies.filter { $0.hasPrefix("policy") }.compactMap { contents("\(folder)/\($0)/scaling_governor") })
        guard let slow = governors.subtracting(["performance"]).min() else {
            return governors.isEmpty ? nil : Finding(.ok, "CPU clock", "The CPUs run at their full clock.")
        }
        return Finding(
            .warning, "CPU clock",
            "The CPUs' clock follows the load (governor '\(slow)'), which wakes the tick late; write performance to \(folder)/policy*/scaling_governor at each boot."
        )
    }

    // MARK: Room

    /// What would keep an update from beginning.
    private func load(_ host: UpdateGate.Host) -> Finding {
        let objections = UpdateGate.objections(host)
        guard objections.isEmpty else {
            return Finding(
                .fault, "room",
                "An update would not begin: \(objections.joined(separator: "; ")); see to it, or override with --now.")
        }
        let facts = [
            host.temperature.map { "the CPU is \(Int($0)) °C warm" },
            host.isThrottled.map { _ in "it is not throttled" },
            host.memory.map { "\($0 >> 20) MB of memory are free" },
            host.stateSpace.map { "\($0 >> 20) MB for the journal" },
            host.imageSpace.map { "\($0 >> 20) MB for images" },
        ].compactMap { $0 }
        return Finding(.ok, "room", "An update could begin: \(facts.joined(separator: ", ")).")
    }

    /// ms that the journal may wait for the disk at each step of an update, in the median of so many tries.
    private static let syncMax = 50.0
    private static let syncTries = 7

    private func journal(_ state: String) -> Finding? {
        guard FileManager.default.fileExists(atPath: state) else {
            return Finding(
                .fault, "disk", "The state folder \(state) does not exist; make it, or name another with --state.")
        }
        let path = state + "/doctor.tmp"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let block = [UInt8](repeating: 0, count: 4096)
        var times: [Double] = []
        for _ in 0..<Self.syncTries {
            let began = da_now()
            let result = da_file_replace(path, block, UInt64(block.count))
            guard result == 0 else {
                return Finding(
                    .fault, "disk",
                    "The state folder \(state) cannot be written (\(String(cString: da_error_text(result)))); look at its owner and at the disk."
                )
            }
            times.append(Double(da_now() - began) / 1e6)
        }
        let median = times.sorted()[Self.syncTries / 2]
        let spoken = printed("%.1f", median)
        return median <= Self.syncMax
            ? Finding(.ok, "disk", "The disk takes \(spoken) ms to keep a step of the journal.")
            : Finding(
                .warning, "disk",
                "The disk takes \(spoken) ms to keep a step of the journal, which makes updates slow; use a faster card, or look for what else writes to it."
            )
    }

    private func contents(_ path: String) -> String? {
        (try? String(contentsOfFile: root + path, encoding: .utf8))?.trimmed
    }
}
