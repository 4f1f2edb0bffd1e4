import ArgumentParser
import Bench

/// Flights in virtual time.
struct Virtual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Flies in virtual time with an update from v1 to v2, a line a seed.")

    @Option(help: "First seed.")
    var seed: UInt64 = 1
    @Option(help: "How many flights.")
    var flights = 10

    func validate() throws {
        guard flights > 0, flights <= 100_000 else { throw ValidationError("--flights takes 1 to 100000.") }
    }

    func run() throws {
        var failed = 0
        for number in 0..<UInt64(flights) {
            let line = VirtualVerdict.fly(seed: seed + number)
            print(line.text)
            if !line.holds { failed += 1 }
        }
        if failed > 0 { throw ExitCode(1) }
    }
}
