import ArgumentParser
import Bench

/// Virtual flights in which things go wrong.
struct CampaignVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaign",
        abstract: "Flies in virtual time, each flight with an update and one to three random faults.",
        discussion: """
            Vehicle (±30 %), wind, moment of the update and faults come from the seed. Prints the faults struck by kind \
            and phase, how the flights ended, and each flight that did not end in the class that its faults declare, \
            with its seed. Exits 0 if there is none.
            """)

    @Option(help: "First seed.")
    var seed: UInt64 = 1
    @Option(help: "How many flights; the seeds count up.")
    var flights = 1000
    @Option(help: "Threads that fly.")
    var cores = 2
    @Option(help: "So many faults in each flight, instead of one to three.")
    var faults: Int?
    @Option(help: "Faults of this kind only.")
    var only: String?
    @Flag(name: .customLong("verbose"), help: "Each flight's faults, end and the print of what its motors were told.")
    var isVerbose = false

    func validate() throws {
        guard flights > 0, flights <= 10_000_000 else { throw ValidationError("--flights takes 1 to 10000000.") }
        guard cores > 0, cores <= 256 else { throw ValidationError("--cores takes 1 to 256.") }
        guard (0...10).contains(faults ?? 0) else { throw ValidationError("--faults takes 0 to 10.") }
        if let only, FaultKind(rawValue: only) == nil {
            let known = FaultKind.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw ValidationError("There is no fault '\(only)'; there are \(known).")
        }
    }

    func run() async throws {
        let start = ContinuousClock.now
        let isVerbose = isVerbose
        let report = await Campaign.fly(
            seed: seed, flights: flights, cores: cores, faults: faults, only: only.flatMap(FaultKind.init)
        ) { result in
            guard isVerbose else { return }
            let print = String(result.print, radix: 16)
            Swift.print(
                (["seed \(result.seed): \(result.end.rawValue), print \(print)"] + result.story.map { "  \($0)" })
                    .joined(separator: "\n"))
        }
        Swift.print(report.text(taken: (ContinuousClock.now - start) / .seconds(1), cores: cores))
        if report.failed > 0 { throw ExitCode(1) }
    }
}
