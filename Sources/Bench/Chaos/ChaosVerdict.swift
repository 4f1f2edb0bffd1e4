import CContract
import FlightCore
import Simulator

/// What a flight under a policy came to: from the motor chip's log, the containers' own and the truth.
package struct ChaosVerdict: Codable, Sendable, Equatable {
    package var ticks = 0
    /// Ticks without a motor write: while the core or a chip was struck, while the machine stalled, otherwise.
    package var missedStruck = 0
    package var missedStalled = 0
    package var missed = 0
    package var twoOwners = 0
    package var stale = 0
    /// Ticks that the core's own controller flew, or in which the last values were held.
    package var failsafe = 0
    package var held = 0
    /// rad.
    package var tiltMax = 0.0
    package var hasCrashed = false
    package var strikes = 0
    package var updates: [String: Int] = [:]
    package var verdict = FlightReport.Verdict.fails
    package var reasons: [String] = []

    /// Share of ticks over which the machine may stall; more cannot be judged.
    private static let stalledMax = 0.001
    /// ns that a strike on core or chips excuses.
    private static let excused: UInt64 = 100_000_000

    init(strikes: [UInt64], ledger: TickLedger, stalls: [StallRecord], truth: [TruthRecord], period: UInt64) {
        ticks = ledger.entries.count
        (twoOwners, stale, failsafe) = (ledger.twoOwner, ledger.stale, ledger.failsafe)
        held = ledger.entries.count { $0.finding == .held }
        for entry in ledger.entries where entry.finding == .missed {
            let span = entry.scheduled..<entry.scheduled + period
            if strikes.contains(where: { $0 <= span.upperBound && span.lowerBound < $0 + Self.excused }) {
                missedStruck += 1
            } else if stalls.contains(where: { $0.start < span.upperBound && span.lowerBound < $0.end + period }) {
                missedStalled += 1
            } else {
                missed += 1
            }
        }
        tiltMax = truth.map(\.truth.tilt).max() ?? 0
        hasCrashed = truth.contains { $0.truth.crashed }
    }

    /// Draws the verdict; `faults` are what else went wrong.
    mutating func decide(_ faults: [String]) {
        reasons = faults
        if ticks == 0 { reasons.append("The vehicle never flew.") }
        if missed > 0 { reasons.append("\(missed) ticks without a complete motor write.") }
        if twoOwners > 0 { reasons.append("\(twoOwners) ticks with a second owner's command.") }
        if stale > 0 { reasons.append("\(stale) ticks with a past owner's or an outdated command.") }
        if hasCrashed { reasons.append("The vehicle crashed.") }
        if !reasons.isEmpty {
            verdict = .fails
        } else if Double(missedStalled) > Self.stalledMax * Double(ticks) {
            verdict = .inconclusive
            reasons.append("The machine stalled over \(missedStalled) of \(ticks) ticks.")
        } else {
            verdict = .holds
        }
    }

    /// For people.
    package var text: String {
        let ends = updates.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return """
            strikes \(strikes), updates: \(ends.isEmpty ? "none" : ends)
            ticks \(ticks): missed \(missed), two owners \(twoOwners), stale \(stale); failsafe \(failsafe), held \(held)
            missed while core or chips were struck \(missedStruck), while the machine stalled \(missedStalled)
            largest tilt \(Int(tiltMax * 180 / .pi))°
            verdict: \(verdict.rawValue)\(reasons.map { "\n- \($0)" }.joined())
            """
    }
}
