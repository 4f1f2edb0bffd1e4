package import Bench
import Foundation

/// A build with one fault in it, flown once with an update from v1 to v2 in virtual time and judged like any flight.
///
/// A verdict that cannot fail proves nothing. Each mutant is a program of its own beside the tests; the test runs them
/// all and asserts that the verdict counts the fault.
package enum Mutant {
    /// All fly the same flight; nothing is special about it.
    private static let seed: UInt64 = 3

    /// What a mutant prints: one line of JSON.
    package struct Verdict: Codable {
        package var ticks: Int
        /// Every count that must be 0, by its name in report.json.
        package var counts: [String: Int]
        package var holds: Bool
    }

    /// The flight that the mutants are held against.
    package static var update: VirtualFlight.Options {
        var options = VirtualFlight.Options(seed: seed)
        options.next = .v2
        return options
    }

    /// Flies with `change` and ends the process: with 0 if the verdict holds, else 1.
    package static func fly(_ change: (inout VirtualFlight.Options) -> Void = { _ in }) -> Never {
        var options = update
        change(&options)
        let flight = JudgedFlight(options)
        let verdict = Verdict(
            ticks: flight.ledger.entries.count, counts: flight.counts, holds: flight.holds)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let line = try? encoder.encode(verdict) else { exit(2) }
        FileHandle.standardOutput.write(line + Data("\n".utf8))
        exit(verdict.holds ? 0 : 1)
    }
}
