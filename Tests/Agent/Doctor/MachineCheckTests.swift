import Agent
import Bench
import CContract
import Contract
import Foundation
import Testing

/// A machine's files as a Pi's kernel and firmware write them.
@Suite struct MachineCheckTests {
    private let folder = TestFolder()

    private func put(_ bytes: some Sequence<UInt8>, _ path: String) throws {
        let url = URL(fileURLWithPath: folder.path + path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    private var machine: MachineCheck { MachineCheck(root: folder.path) }

    private func board(_ label: String, _ speed: UInt32 = 400_000) -> da_board {
        var board = BenchBoard.make()
        fill(&board.gpio_label, with: label)
        fill(&board.bus_device, with: "/dev/i2c-1")
        board.bus_speed = speed
        return board
    }

    private func find(_ subject: String, state: String? = nil) -> Finding? {
        machine.findings(state: state ?? folder.path, images: nil).first { $0.subject == subject }
    }

    @Test(arguments: [
        ("Raspberry Pi 5 Model B Rev 1.0", "pinctrl-rp1"), ("Raspberry Pi 4 Model B Rev 1.4", "pinctrl-bcm2711"),
        ("Raspberry Pi Zero 2 W Rev 1.0", "pinctrl-bcm2835"),
        ("Raspberry Pi 3 Model B Plus Rev 1.3", "pinctrl-bcm2835"),
    ])
    func aBoardFileForAnotherPiIsNamed(model: String, label: String) throws {
        try put(Array(model.utf8) + [0], "/proc/device-tree/model")
        #expect(machine.findings(of: board(label)).map(\.state) == [.ok])
        let wrong = machine.findings(of: board("pinctrl-other"))
        #expect(wrong.map(\.state) == [.fault])
        #expect(wrong[0].sentence.contains("a \(model), whose GPIO chip is \(label)"), "\(wrong)")
    }

    @Test func theBusesClockIsWhatWasBooted() throws {
        try put([0, 0x06, 0x1A, 0x80], "/sys/bus/i2c/devices/i2c-1/of_node/clock-frequency")
        #expect(machine.findings(of: board("x")).map(\.state) == [.ok])
        try put([0, 0x01, 0x86, 0xA0], "/sys/bus/i2c/devices/i2c-1/of_node/clock-frequency")
        let slow = machine.findings(of: board("x"))
        #expect(slow.map(\.state) == [.fault])
        #expect(
            slow[0].sentence.contains(
                "100000 Hz, the board file says 400000; set dtparam=i2c_arm=on,i2c_arm_baudrate=400000"),
            "\(slow)")
    }

    @Test func onOurCardTheBusesClockIsNotInConfigTxt() throws {
        try put([0, 0x01, 0x86, 0xA0], "/sys/bus/i2c/devices/i2c-1/of_node/clock-frequency")
        try put([], "/usr/libexec/droneagent-card/bus-clock")
        let slow = machine.findings(of: board("x"))
        #expect(slow.map(\.state) == [.fault])
        #expect(
            slow[0].sentence.contains("&& sudo /usr/libexec/droneagent-card/bus-clock /boot/firmware', which")
                && !slow[0].sentence.contains("config.txt"), "\(slow)")
    }

    @Test func whatAMachineDoesNotSayIsNoFinding() {
        #expect(machine.findings(of: board("x")).isEmpty)
        let subjects = machine.findings(state: folder.path, images: nil).map(\.subject)
        #expect(subjects == ["clock", "room", "disk"])
    }

    @Test(arguments: [
        ("cpuset cpu io memory pids\n", "", Finding.State.ok), ("cpuset cpu io pids\n", "", .fault),
        ("", "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t99\t0\n", .fault),
        ("", "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t99\t1\n", .ok),
    ])
    func memoryLimits(unified: String, former: String, state: Finding.State) throws {
        if !unified.isEmpty { try put(unified.utf8, "/sys/fs/cgroup/cgroup.controllers") }
        if !former.isEmpty { try put(former.utf8, "/proc/cgroups") }
        let finding = try #require(find("memory limits"))
        #expect(finding.state == state)
        #expect(state == .ok || finding.sentence.contains("cgroup_enable=memory"))
    }

    @Test func aClockThatFollowsTheLoadIsAWarning() throws {
        try put("performance\n".utf8, "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor")
        #expect(find("CPU clock")?.state == .ok)
        try put("ondemand\n".utf8, "/sys/devices/system/cpu/cpufreq/policy4/scaling_governor")
        #expect(find("CPU clock")?.state == .warning && find("CPU clock")?.sentence.contains("'ondemand'") == true)
    }

    @Test func heatAndAFolderThatIsNotThereAreFaults() throws {
        #expect(find("room")?.state == .ok && find("disk")?.state != .fault)
        try put("85100\n".utf8, "/sys/class/thermal/thermal_zone0/temp")
        #expect(find("room")?.state == .fault && find("room")?.sentence.contains("85 °C") == true)
        let disk = find("disk", state: folder.path + "/nowhere")
        #expect(disk?.state == .fault && disk?.sentence.contains("nowhere does not exist") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.contains("doctor") })
    }

    @Test func aLineIsThreeFields() {
        #expect(Finding(line: "fault\tIMU\tIt is away.") == Finding(.fault, "IMU", "It is away."))
        for line in ["", "fault", "fault\tIMU", "bad\tIMU\tIt is away.", "ok\ta\tb\tc"] {
            #expect(Finding(line: line) == nil, "\(line)")
        }
    }
}
