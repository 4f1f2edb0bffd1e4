import Bench
import CContract
import Contract
import FlightCore
import Handover
import Simulator
import Testing

/// A flight with its verdict.
struct JudgedFlight {
    let options: VirtualFlight.Options
    let result: VirtualFlight.Result
    let ledger: TickLedger

    init(_ options: VirtualFlight.Options) {
        self.options = options
        result = VirtualFlight(options).fly()
        ledger = TickLedger(
            motors: result.motors, logs: result.logs, encoding: result.encoding, period: 2_000_000,
            window: FlightWindow.airborne(result.truth) ?? 0..<1)
    }

    func measures(at switchTick: UInt64) -> UpdateMeasures {
        let pilot = ScriptedPilot(manoeuvreSeconds: options.manoeuvreSeconds)
        return UpdateMeasures(truth: result.truth, from: switchTick * 2_000_000) {
            Double(pilot.ask(at: Double($0) / 1e9).setpoint.climb)
        }
    }

    /// Every count that must be 0.
    var faults: [String: Int] {
        [
            "missed": ledger.missed, "doubled": ledger.doubled, "held": ledger.held, "late": ledger.late,
            "torn": ledger.torn, "failsafe": ledger.failsafe, "two_owner": ledger.twoOwner, "stale": ledger.stale,
        ].filter { $0.value != 0 }
    }
}

@Suite struct UpdateFlightTests {
    /// Done-when of the main job: an update to another version in gusts and manoeuvres costs nothing.
    @Test(arguments: 1...100) func updateToVersion2CostsNothing(seed: Int) throws {
        var options = VirtualFlight.Options(seed: UInt64(seed))
        options.next = .v2
        // The moment falls anywhere in the script.
        options.updateAt = 0.5 + Double(seed % 40) * 0.17
        let flight = JudgedFlight(options)
        let result = flight.result
        #expect(result.outcome == .updated)
        #expect(result.crash == nil)
        #expect(result.endMode == .disarmed)
        #expect(flight.ledger.entries.count > 10_000)
        #expect(flight.faults == [:])
        #expect(Set(flight.ledger.entries.map(\.epoch)) == [1, 2])

        let old = try #require(result.logs["first"])
        let new = try #require(result.logs["next"])
        let step = try #require(UpdateMeasures.commandStep(old: old, new: new, switchTick: result.switchTick))
        #expect(step <= 0.01)
        #expect(UpdateMeasures.commandDistance(old, new) >= 0.02)

        var alone = VirtualFlight.Options(seed: UInt64(seed))
        let withV1 = JudgedFlight(alone).measures(at: result.switchTick)
        alone.first = .v2
        let withV2 = JudgedFlight(alone).measures(at: result.switchTick)
        let updated = flight.measures(at: result.switchTick)
        #expect(updated.tiltMax <= max(withV1.tiltMax, withV2.tiltMax) + 1 * Double.pi / 180)
        #expect(updated.altitudeErrorMax <= max(withV1.altitudeErrorMax, withV2.altitudeErrorMax) + 0.05)
    }

    /// The state that goes over is complete: the motor chip cannot tell an update to the same code.
    @Test(arguments: 1...10) func updateToTheSameCodeIsInvisible(seed: Int) {
        var options = VirtualFlight.Options(seed: UInt64(seed))
        let undisturbed = VirtualFlight(options).fly()
        options.next = .v1
        let updated = VirtualFlight(options).fly()
        #expect(updated.outcome == .updated)
        #expect(updated.switchTick > 0)
        #expect(updated.motors == undisturbed.motors)
    }

    @Test func seedReplaysTheFlight() {
        var options = VirtualFlight.Options(seed: 7)
        options.next = .v2
        #expect(VirtualFlight(options).fly().motors == VirtualFlight(options).fly().motors)
        var other = options
        other.seed = 8
        #expect(VirtualFlight(options).fly().motors != VirtualFlight(other).fly().motors)
    }
}
