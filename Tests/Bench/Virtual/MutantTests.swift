import Bench
import CContract
import Contract
import FlightCore
import Handover
import Simulator
import Testing

/// The verdict can fail: each fault that it counts is made, in a flight of the shipped core, and it counts it.
@Suite struct MutantTests {
    private static let seed: UInt64 = 3

    private var update: VirtualFlight.Options {
        var options = VirtualFlight.Options(seed: Self.seed)
        options.next = .v2
        return options
    }

    /// The flight that the mutants are held against.
    @Test func wholeFenceHolds() {
        let flight = JudgedFlight(update)
        #expect(flight.result.outcome == .updated)
        #expect(flight.faults == [:])
    }

    /// Without the fence the last command that came in is written, whoever sent it.
    @Test func withoutFenceTwoDrive() {
        var options = update
        options.fence = .absent
        let flight = JudgedFlight(options)
        #expect(flight.ledger.twoOwner > 1000)
    }

    /// The values of a tick hold although the owner computed fresh ones. The first such tick carries what the sample
    /// before asked for, which is called late; from the second on they are held.
    @Test func heldInPlaceOfFresh() {
        var options = update
        options.interference.arrives = { instance, tick in instance != "first" || !(7500..<7504).contains(tick) }
        let flight = JudgedFlight(options)
        #expect(flight.faults == ["late": 1, "held": 3])
        #expect(flight.result.outcome == .updated)
    }

    /// The old owner's socket closes in the tick before the switch. The core writes the last values once more, for a
    /// motor chip is never left without a write: the tick is held, not missed.
    @Test func oldOwnerStoppedATickEarly() {
        var options = update
        let switchTick = VirtualFlight(options).fly().switchTick
        options.interference.closes = { instance, tick in instance == "first" && tick >= switchTick - 1 }
        let flight = JudgedFlight(options)
        #expect(flight.faults == ["held": 1])
        #expect(flight.ledger.entries.first { $0.finding == .held }?.tick == switchTick - 1)
        #expect(flight.ledger.entries.first { $0.epoch == 2 }?.tick == switchTick, "the switch waits for nobody")
    }

    /// The old owner never learns of the switch, and goes on claiming its epoch.
    private var withStaleOwner: VirtualFlight.Options {
        var options = update
        options.interference.received = { instance, sample in
            guard instance == "first", sample.your_epoch == 0, sample.owner_epoch > 1 else { return sample }
            var sample = sample
            sample.your_epoch = 1
            sample.owner_epoch = 1
            return sample
        }
        return options
    }

    @Test func staleOwnerIsRefused() {
        let undisturbed = VirtualFlight(update).fly()
        let flight = JudgedFlight(withStaleOwner)
        #expect(flight.result.status.stale_refused > 1000)
        #expect(flight.faults == [:])
        let isIdentical = flight.result.motors == undisturbed.motors
        #expect(isIdentical, "what is refused leaves no trace at the motors")
    }

    @Test func staleOwnerLetThroughShows() {
        var options = withStaleOwner
        options.fence = .open
        let flight = JudgedFlight(options)
        #expect(flight.ledger.stale > 1000)
        #expect(flight.ledger.entries.first { $0.isStale }?.tick == flight.result.switchTick)
    }
}
