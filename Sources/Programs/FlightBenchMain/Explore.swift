import ArgumentParser
import Bench

/// The handover's states, all of them.
struct Explore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Walks every reachable state of handover, ownership and recovery under faults.",
        discussion: """
            The shipped machines are walked, breadth first, with at most so many faults in one update. Prints how many \
            states there are, and the shortest trace to one that breaks an invariant. Exits 0 if none does.
            """)

    @Option(help: "Faults of one update, at most. Each more takes some fifty times as long.")
    var faults = 2
    @Option(help: "Moves from the start, at most.")
    var depth = 1000
    @Option(help: "States, at most; each takes some 100 bytes, those at the edge 3 KB.")
    var states = 20_000_000
    @Flag(name: .customLong("verbose"), help: "A line for each level.")
    var isVerbose = false

    func validate() throws {
        guard (0...10).contains(faults) else { throw ValidationError("--faults takes 0 to 10.") }
        guard depth > 0 else { throw ValidationError("--depth takes a number above 0.") }
        guard (1...200_000_000).contains(states) else { throw ValidationError("--states takes 1 to 200000000.") }
    }

    func run() throws {
        let start = ContinuousClock.now
        let options = HandoverSystem.Options(faults: faults)
        let explorer = Explorer<HandoverSystem>(depthMax: depth, statesMax: states)
        let found = explorer.explore(HandoverSystem(options)) { depth, states in
            if isVerbose { print("\(depth) deep: \(states) states") }
        }
        print(found.summary(faults: faults))
        print("\(((ContinuousClock.now - start) / .seconds(1) * 10).rounded() / 10) s")
        if found.breach != nil { throw ExitCode(1) }
    }
}
