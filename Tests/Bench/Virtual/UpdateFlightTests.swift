import Bench
import CContract
import Contract
import FlightCore
import Handover
import Simulator
import Testing

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

    /// The other rates of a board file; 1000 Hz with the motor chip on a fast bus of its own.
    @Test(arguments: [250, 400, 1000] as [UInt32]) func otherTickRates(rate: UInt32) throws {
        var board = BenchBoard.make()
        board.tick_rate = rate
        if rate == 1000 {
            fill(&board.motor_bus_device, with: "bridge:motors.sock")
            board.motor_bus_speed = 1_000_000
            board.command_deadline = 0.7e-3
        }
        var options = VirtualFlight.Options(seed: UInt64(rate), board: board)
        options.next = .v2
        let flight = JudgedFlight(options)
        #expect(flight.result.outcome == .updated)
        #expect(flight.result.crash == nil)
        #expect(flight.faults == [:])
        #expect(flight.ledger.entries.count > 20 * Int(rate))
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
