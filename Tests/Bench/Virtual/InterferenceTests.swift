import Bench
import CContract
import Handover
import MutantKit
import Testing

/// What the mutants make visible costs nothing, or a held tick, with the shipped core.
@Suite struct InterferenceTests {
    /// The core writes the last values once more, for a motor chip is never left without a write: the tick is held, not
    /// missed.
    @Test func oldOwnerStoppedATickEarlyIsBridged() {
        let switchTick = VirtualFlight(Mutant.update).fly().switchTick
        var options = Mutant.update
        options.interference = .stoppedEarly(before: switchTick)
        let flight = JudgedFlight(options)
        #expect(flight.faults == ["held": 1])
        #expect(flight.ledger.entries.first { $0.finding == .held }?.tick == switchTick - 1)
        #expect(flight.ledger.entries.first { $0.epoch == 2 }?.tick == switchTick, "the switch waits for nobody")
    }

    @Test func staleOwnerIsRefused() {
        let undisturbed = VirtualFlight(Mutant.update).fly()
        var options = Mutant.update
        options.interference = .staleOwner
        let flight = JudgedFlight(options)
        #expect(flight.result.status.stale_refused > 1000)
        #expect(flight.faults == [:])
        let isIdentical = flight.result.motors == undisturbed.motors
        #expect(isIdentical, "what is refused leaves no trace at the motors")
    }
}
