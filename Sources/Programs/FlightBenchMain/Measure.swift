import ArgumentParser
import Bench
import FoundationEssentials

extension Subject: ExpressibleByArgument {}

/// What the switch costs.
struct Measure: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures what the core and an update cost, and prints a table with the goals.",
        discussion: """
            Needs a registry with flight:v1 and flight:v2 and an engine: `Board/bench measure` sets both up. Exits 0 if \
            every goal is met, 1 if one is missed, 3 if none is missed but one was inconclusive, 64 if something could \
            not be measured.
            """)

    @Option(help: "The container engine's socket; an engine of the bench's own, for its images are removed.")
    var engine: String
    @Option(help: "The registry, host:port.")
    var registry: String
    @Option(help: "The registry's log, in which its answers' bytes are counted.")
    var registryLog: String
    @Option(help: "The library that is interposed to count allocations.")
    var shim: String
    @Option(help: "File with the processes that keep the CPUs awake, a pid a line; they stand still for 'virtual'.")
    var awake: String?
    @Option(help: "Only this (may be repeated): \(Subject.allCases.map(\.rawValue).joined(separator: ", ")).")
    var only: [Subject] = []
    @Flag(help: "Each row once and short, under three minutes in all; its figures prove little.")
    var quick = false
    @Flag(help: "Print the JSON instead of the table.")
    var json = false
    @Option(help: "Board file.")
    var board = "Board/bench.yaml"
    @Option(help: "Folder for measure.json and the programs' logs.")
    var out = "flight"
    @Option(name: .customLong("run"), help: "Folder for sockets; a short path.")
    var runFolder = "/run/droneagent-measure"

    func run() throws {
        var options = MeasureOptions()
        options.engine = engine
        options.registry = registry
        options.registryLog = registryLog
        options.shim = shim
        options.awake = awake
        options.board = board
        options.out = out
        options.run = runFolder
        options.quick = quick
        options.programs = Self.programs
        let path = out + "/measure.json"
        let table = try Self.orExit {
            try MeasureRun(options).measure(only.isEmpty ? Subject.allCases : only) { Self.tell("measure: \($0)") }
        }
        print(json ? try String(contentsOfFile: path, encoding: .utf8) : table.text)
        let verdicts = table.figures.map(\.verdict)
        if verdicts.contains(.unmeasured) { throw ExitCode(64) }
        if verdicts.contains(.missed) { throw ExitCode(1) }
        if verdicts.contains(.inconclusive) { throw ExitCode(3) }
    }
}
