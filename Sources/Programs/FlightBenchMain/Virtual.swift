import ArgumentParser
import Bench

/// Flights in virtual time.
struct Virtual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Flies in virtual time with an update from v1 to v2, a line a seed, and says how fast it flew.")

    @Option(help: "First seed.")
    var seed: UInt64 = 1
    @Option(help: "How many flights.")
    var flights = 10

    func validate() throws {
        guard flights > 0, flights <= 100_000 else { throw ValidationError("--flights takes 1 to 100000.") }
    }

    func run() throws {
        let start = ContinuousClock.now
        var failed = 0
        var flown = 0.0
        for number in 0..<UInt64(flights) {
            let line = VirtualVerdict.fly(seed: seed + number)
            print(line.text)
            flown += line.seconds
            if !line.holds { failed += 1 }
        }
        let taken = max((ContinuousClock.now - start) / .seconds(1), 1e-3)
        print(
            "\(flights - failed) of \(flights) hold; \(Int(Double(flights) / taken * 60)) flights a minute, \(Int(flown / taken)) times real time on one core, verdict included"
        )
        if failed > 0 { throw ExitCode(1) }
    }
}
