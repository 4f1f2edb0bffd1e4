import CContract
import FlightCore
import Handover

/// One virtual flight with an update, in a line.
package struct VirtualVerdict: Sendable {
    package var holds: Bool
    package var text: String
    /// s of simulated time.
    package var seconds: Double

    package static func fly(seed: UInt64) -> VirtualVerdict {
        var options = VirtualFlight.Options(seed: seed)
        options.next = .v2
        let result = VirtualFlight(options).fly()
        let ledger = TickLedger(
            motors: result.motors, logs: result.logs, encoding: result.encoding, period: options.period,
            window: FlightWindow.airborne(result.truth) ?? 0..<1)
        let faults =
            ledger.missed + ledger.doubled + ledger.held + ledger.late + ledger.torn + ledger.failsafe
            + ledger.twoOwner + ledger.stale
        let holds = faults == 0 && result.crash == nil && result.outcome == .updated && !ledger.entries.isEmpty
        return VirtualVerdict(
            holds: holds,
            text:
                "seed \(seed): \(ledger.entries.count) ticks, missed \(ledger.missed), doubled \(ledger.doubled), held \(ledger.held), two owners \(ledger.twoOwner), stale \(ledger.stale), switch at tick \(result.switchTick): \(holds ? "holds" : "FAILS")",
            seconds: Double(result.status.tick) * Double(options.period) * 1e-9)
    }
}
