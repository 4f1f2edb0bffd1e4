import ArgumentParser
import Bench
import FoundationEssentials

/// One real flight in which a policy's faults strike.
struct Chaos: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Flies with updates in turn while the faults of a policy strike, says what happens, and judges.",
        discussion: """
            A policy is a YAML file: duration (60 s), updates ([v1, v2]) and a list of faults, each with kind, on, every, \
            for, strength and containers (labels of the engine). Examples are in Board/chaos. Exits 0 if the verdict \
            holds, 1 if it fails, 3 if the machine stalled too often to judge, 64 if the policy is not understood or the \
            flight could not be flown to its end.
            """)

    @Argument(help: "The policy's file.")
    var policy: String
    @Option(help: "The container engine's socket.")
    var engine: String
    @Option(help: "The registry, host:port.")
    var registry: String
    @Flag(help: "Print the JSON instead of the summary.")
    var json = false
    @Option(help: "Folder for chaos.json and the programs' logs.")
    var out = "flight"
    @Option(name: .customLong("run"), help: "Folder for sockets; a short path.")
    var runFolder = "/run/droneagent-chaos"

    func run() throws {
        let verdict = try Self.orExit {
            guard let text = try? String(contentsOfFile: policy, encoding: .utf8) else {
                throw BenchFault("The policy \(policy) cannot be read; examples are in Board/chaos.")
            }
            let policy = try ChaosPolicy(text, name: policy)
            var options = MeasureOptions()
            options.engine = engine
            options.registry = registry
            options.out = out
            options.run = runFolder
            options.programs = Self.programs
            return try ChaosFlight(options, policy) { Self.tell($0) }.fly()
        }
        print(json ? try String(contentsOfFile: out + "/chaos.json", encoding: .utf8) : verdict.text)
        switch verdict.verdict {
        case .holds: return
        case .inconclusive: throw ExitCode(3)
        case .fails: throw ExitCode(1)
        }
    }
}
