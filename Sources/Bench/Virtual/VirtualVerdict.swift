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
        let flight = JudgedFlight(options)
        let ledger = flight.ledger
        return VirtualVerdict(
            holds: flight.holds,
            text:
                "seed \(seed): \(ledger.entries.count) ticks, missed \(ledger.missed), doubled \(ledger.doubled), held \(ledger.held), two owners \(ledger.twoOwner), stale \(ledger.stale), switch at tick \(flight.result.switchTick): \(flight.holds ? "holds" : "FAILS")",
            seconds: Double(flight.result.status.tick) * Double(options.period) * 1e-9)
    }
}
