import Agent
import ArgumentParser
import Bench
import FoundationEssentials

extension TortureCell.Party: ExpressibleByArgument {}

/// Real processes killed and stopped in each phase of an update.
struct TortureVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture",
        abstract: "Kills and stops each party in each phase of real updates in flight, and says what became of it.",
        discussion: """
            Parties: agent, core, the old and the new version, engine, registry. Who started the last two must start \
            them again. Prints a line for each cell, writes torture.json. Exits 0 if all survived, 1 if not, 3 if some \
            could not be judged (not struck in time, or the machine stalled), 64 if a flight could not be flown.
            """)

    @Option(help: "The container engine's socket.")
    var engine: String
    @Option(help: "The registry, host:port.")
    var registry: String
    @Option(help: "File with the number of the engine's process.")
    var enginePid: String
    @Option(help: "File with the number of the registry's process.")
    var registryPid: String
    @Option(help: "So many cells, drawn by the seed; without it all.")
    var cells: Int?
    @Option(help: "This party only: \(TortureCell.Party.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")).")
    var only: TortureCell.Party?
    @Option(help: "Seed of the draw.")
    var seed: UInt64 = 1
    @Option(help: "Folder for torture.json and the programs' logs.")
    var out = "flight"
    @Option(name: .customLong("run"), help: "Folder for sockets; a short path.")
    var runFolder = "/run/droneagent-torture"

    func validate() throws {
        for file in [enginePid, registryPid] where Int32((try? Self.word(of: file)) ?? "") ?? 0 <= 1 {
            throw ValidationError("\(file) holds no process's number; give the file that the daemon's keeper writes.")
        }
        guard (cells ?? 1) > 0 else { throw ValidationError("--cells takes 1 or more.") }
    }

    private static func word(of file: String) throws -> String {
        try String(contentsOfFile: file, encoding: .utf8).trimmed
    }

    func run() throws {
        var options = MeasureOptions()
        (options.engine, options.registry, options.out, options.run) = (engine, registry, out, runFolder)
        options.programs = Self.programs
        let drawn = cells.map { TortureCell.some($0, seed: seed) } ?? TortureCell.all
        let wanted = drawn.filter { only == nil || $0.party == only }
        let report = try Self.orExit {
            try Torture.run(options, wanted, engine: enginePid, registry: registryPid) { Self.tell($0) }
        }
        print(report.text)
        if report.hasFailed { throw ExitCode(1) }
        if !report.survived { throw ExitCode(3) }
    }
}
