import ArgumentParser
import Bench
import Glibc

/// State of any size.
struct Sync: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Updates a container that carries a map, for several sizes of it, and says how long the state took.",
        discussion: """
            Each size has a core, an agent and containers of its own; at the end the largest is tried once more with an \
            owner whose queue gets no CPU, which must be refused. Writes sync.json. Exits 0 if each update came to its \
            end, no bit differed in shadow, each switch took one tick and the plan's estimate was within 20 % (or 30 ms); \
            1 if not, 64 if it could not be brought to an end.
            """)

    @Option(help: "The container engine's socket.")
    var engine: String
    @Option(help: "The registry, host:port; it has an image flight:map-BYTES for each size.")
    var registry: String
    @Option(help: "Bytes of the maps, with commas between.")
    var sizes = "1024,65536,1048576,16777216,67108864"
    @Option(help: "Board file.")
    var board = "Board/bench.yaml"
    @Option(help: "Folder for sync.json and the programs' logs.")
    var out = "flight"
    @Option(name: .customLong("run"), help: "Folder for sockets; a short path.")
    var runFolder = "/run/droneagent-sync"

    private var list: [Int] { sizes.split(separator: ",").compactMap { Int($0) } }

    func validate() throws {
        guard !list.isEmpty, list.allSatisfy({ $0 >= 1024 && $0 <= 64 << 20 && $0 % 1024 == 0 }) else {
            throw ValidationError("--sizes takes multiples of 1024 up to 67108864.")
        }
    }

    func run() throws {
        var options = SyncOptions(engine: engine, registry: registry, sizes: list)
        options.board = board
        options.out = out
        options.run = runFolder
        options.programs = Self.programs
        print(SyncFigure.heading)
        let figures = try Self.orExit {
            try SyncRun(options).run {
                print($0.line)
                fflush(nil)
            }
        }
        let faults = figures.flatMap(\.faults)
        for fault in faults { print("- \(fault)") }
        print(faults.isEmpty ? "all hold" : "\(faults.count) do not hold")
        if !faults.isEmpty { throw ExitCode(1) }
    }
}
