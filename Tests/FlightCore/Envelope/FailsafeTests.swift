import Airframe
import CContract
import Contract
import FlightCore
import Simulator
import Testing

/// The built-in failsafe alone brings a vehicle down that lost its container in the middle of a manoeuvre.
@Suite struct FailsafeTests {
    struct Fall {
        var tiltAtLoss = 0.0
        var rateAtLoss = 0.0
        /// s from the loss until the failsafe flies, and until it is level for good.
        var untilFailsafe = 0.0
        var untilLevel = 0.0
        /// m/s, least and greatest mean descent of a second, once it is established and above the ground's effect.
        var descent = (least: Double.infinity, greatest: 0.0)
        var seconds = 0.0
        var truth: Truth
        var disarmed = false
    }

    /// Takes off, banks about with up to 40 degrees, and loses its container at a moment drawn from the seed.
    static func fall(seed: UInt64, varied: Double) -> Fall? {
        let board = testBoard()
        let parameters = WorldParameters(board: board).varied(by: varied, seed: seed)
        let rig = Rig(board, parameters: parameters, seed: seed)
        let controller = TruthController(parameters.airframe)
        guard rig.prepare({ reply($0, controller.motors($0, $1)) }) == 0, rig.tick.arm() == .none else { return nil }
        rig.run(50)
        guard rig.tick.takeOff(to: 8) == .none, rig.run(until: { rig.mode == .fly }, limit: 10_000) else { return nil }
        var random = RandomSource(seed: seed, stream: 500)
        let heading = random.uniform(0, 2 * Double.pi)
        let direction = Float(heading - Double.pi)
        let (roll, pitch) = (0.7 * cosine(direction), 0.7 * sine(direction))
        let ticks = Int(random.uniform(100, 400))
        for tick in 0..<ticks {
            let sign: Float = tick / 150 % 2 == 0 ? 1 : -1
            rig.pilot = da_setpoint(roll: sign * roll, pitch: sign * pitch, yaw_rate: 0.5, climb: 0)
            rig.step()
        }
        var fall = Fall(truth: rig.world.truth)
        (fall.tiltAtLoss, fall.rateAtLoss) = (fall.truth.tilt, fall.truth.rate.norm)
        rig.tick.arbiter.disconnect(0)
        var entered: Int?
        var window: [Double] = []
        for tick in 0..<20_000 {
            rig.step()
            let truth = rig.world.truth
            if rig.mode == .failsafe, entered == nil { entered = tick }
            if truth.tilt > 0.2, truth.altitude > 0.3 { fall.untilLevel = Double(tick) / 500 }
            window.append(truth.velocity.z)
            if tick > 1500, truth.altitude > 1, tick % 50 == 0 {
                let mean = window.suffix(500).reduce(0, +) / 500
                fall.descent = (min(fall.descent.least, mean), max(fall.descent.greatest, mean))
            }
            fall.seconds = Double(tick) / 500
            if rig.mode == .disarmed { break }
        }
        fall.untilFailsafe = Double(entered ?? 99_999) / 500
        rig.run(500)
        fall.truth = rig.world.truth
        fall.disarmed = rig.mode == .disarmed
        return fall
    }

    @Test(arguments: UInt64(1)...40) func itLevelsDescendsAndLands(seed: UInt64) throws {
        let fall = try #require(Self.fall(seed: seed, varied: 0.3))
        #expect(fall.untilFailsafe < 0.03, "hold_ticks is 10 ms")
        #expect(fall.untilLevel < 1.5)
        #expect(fall.descent.least > 0.2 && fall.descent.greatest < 1.0, "0.6 m/s were asked for")
        #expect(fall.truth.crash == nil)
        #expect(fall.disarmed && fall.truth.onGround && fall.truth.tilt < 0.05)
    }

    /// The manoeuvres are no hover: some are lost at great tilt, some turning fast.
    @Test func theLossesAreWild() throws {
        let falls = try (UInt64(1)...40).map { try #require(Self.fall(seed: $0, varied: 0)) }
        #expect(falls.contains { $0.tiltAtLoss > 0.6 })
        #expect(falls.contains { $0.rateAtLoss > 2 })
    }
}
