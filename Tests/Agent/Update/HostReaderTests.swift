import Agent
import Foundation
import Handover
import Testing

/// A machine's files as a Pi's kernel and firmware write them.
@Suite struct HostReaderTests {
    private let folder = TestFolder()

    private func put(_ text: String, _ path: String) throws {
        let url = URL(fileURLWithPath: folder.path + path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    @Test func aPiIsRead() throws {
        try put("51121\n", "/sys/class/thermal/thermal_zone0/temp")
        try put("62000\n", "/sys/class/thermal/thermal_zone1/temp")
        try put("MemTotal:  900 kB\nMemFree: 10 kB\nMemAvailable:     2048 kB\n", "/proc/meminfo")
        let throttled = "/sys/devices/platform/soc/soc:firmware/get_throttled"
        for (word, now) in [("0\n", false), ("50000\n", false), ("50005\n", true), ("0x8", true)] {
            try put(word, throttled)
            let host = HostReader(root: folder.path).read(state: folder.path, images: nil)
            #expect(host.temperature == 62 && host.memory == 2 << 20)
            #expect(host.isThrottled == now, "\(word): what was is no objection, what is one")
            #expect(host.imageSpace == nil && host.stateSpace ?? 0 > 0)
        }
    }

    @Test func whatIsNotThereOrNoNumberIsNotKnown() throws {
        try put("warm\n", "/sys/class/thermal/thermal_zone0/temp")
        try put("?", "/sys/devices/platform/soc/soc:firmware/get_throttled")
        try put("MemAvailable: much\n", "/proc/meminfo")
        let host = HostReader(root: folder.path).read(state: "/nonexistent", images: "/nonexistent")
        #expect(host == UpdateGate.Host())
    }

    @Test func thisMachineHasRoom() {
        let host = HostReader().read(state: folder.path, images: "/")
        #expect(host.memory ?? 0 > 0 && host.imageSpace ?? 0 > 0)
    }
}
