import ArgumentParser
import Bench
import Glibc

/// One real flight with an update.
struct Fly: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Flies once with an update from v1 to v2, and judges the flight.",
        discussion: """
            Exits 0 if the verdict holds, 1 if it fails, 3 if the machine stalled too often to judge, 64 if the flight \
            could not be flown to its end.
            """)

    @Option(help: "The container engine's socket; without it v1 flies alone, as a process, and there is no update.")
    var engine: String?
    @Option(help: "The registry, host:port.")
    var registry: String?
    @Option(help: "Tag of the image that flies first.")
    var first = "v1"
    @Option(help: "Tag of the image that it is updated to, and then updated to again.")
    var next = "v2"
    @Option(help: "Board file.")
    var board = "Board/bench.yaml"
    @Option(help: "Folder for report.json, flight.xml (JUnit), flight.ulg and the programs' logs.")
    var out = "flight"
    @Option(name: .customLong("run"), help: "Folder for sockets; a short path.")
    var runFolder = "/run/droneagent-fly"
    @Option(help: "Seed of wind and noise.")
    var seed: UInt64 = 1
    @Option(help: "Length of the manoeuvres, s.")
    var seconds = 40.0
    @Option(help: "When the first update is asked for, s behind the first manoeuvre.")
    var updateAt = 6.0
    @Option(help: "Updates in the flight: the first to the next version, the others to it again.")
    var updates = 2
    @Flag(
        help: "The chips are behind the kernel's own devices, which the board file names (flightbench world --adapter)."
    )
    var adapter = false
    @Flag(help: "The machine is emulated: missed, held and late ticks are counted and are no verdict.")
    var emulated = false

    @Flag(help: "Shows the flight in a browser: prints the page's address, and flies ten seconds later. With a camera.")
    var console = false
    @Flag(name: .customLong("camera"), help: "A camera looks at the simulated scene; version 2 streams it.")
    var scene = false
    @Option(help: "A V4L2 device instead: version 2 streams it, and its pictures must come.")
    var cameraDevice: String?

    func run() throws {
        var options = FlyOptions()
        options.engine = engine
        options.registry = registry
        options.first = first
        options.next = next
        options.board = board
        options.out = out
        options.run = runFolder
        options.seed = seed
        options.manoeuvreSeconds = seconds
        options.updateAt = updateAt
        options.updates = updates
        options.adapter = adapter
        options.emulated = emulated
        options.programs = Self.programs
        options.camera = cameraDevice.map { .device($0) } ?? (scene || console ? .scene : nil)
        if console {
            options.console = { address in
                print(address, terminator: "")
                // To a pipe, too, before the flight.
                fflush(nil)
            }
        }
        let report = try Self.orExit { try FlyRun(options).fly() }
        print(report.summary)
        switch report.verdict {
        case .holds: return
        case .inconclusive: throw ExitCode(3)
        case .fails: throw ExitCode(1)
        }
    }
}
