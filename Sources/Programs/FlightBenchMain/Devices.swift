import ArgumentParser
import Bench

/// Lines and chips, step by step.
struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Arm switch, LED, kill line, a silent chip, a killed core, with one container and no agent.",
        discussion: """
            Prints a line a step and writes devices.xml (JUnit). Exits 0 if all hold, 1 if one fails, 64 if it could \
            not be tried.
            """)

    @Option(help: "Board file.")
    var board = "Board/bench.yaml"
    @Option(help: "Folder for devices.xml and the programs' logs.")
    var out = "flight/devices"
    @Option(name: .customLong("run"), help: "Folder for sockets; a short path.")
    var runFolder = "/run/droneagent-devices"
    @Flag(
        help: "The chips are behind the kernel's own devices, which the board file names (flightbench world --adapter)."
    )
    var adapter = false
    @Option(help: "A V4L2 device, which is looked at too: its pictures, a second process, and vivid's being unplugged.")
    var camera: String?

    func run() throws {
        var options = FlyOptions()
        options.board = board
        options.out = out
        options.run = runFolder
        options.adapter = adapter
        options.camera = camera.map { .device($0) }
        options.programs = Self.programs
        let report = try Self.orExit { try DeviceRun(options).run() }
        print(report.summary)
        guard report.holds else { throw ExitCode(1) }
    }
}
