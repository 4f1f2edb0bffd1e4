import Airframe
import CContract
import Simulator
import Testing

/// The world can be flown: by a plain controller that sees the truth and speaks to the motor chip.
@Suite struct FlightTests {
    /// A proportional-derivative controller on the truth; good enough to fly, no part of the product.
    private struct Autopilot {
        let airframe: AirframeParameters
        var height = 0.0
        var yaw = 0.0

        mutating func commands(_ truth: Truth, _ setpoint: da_setpoint, seconds: Double) -> [Double] {
            height += Double(setpoint.climb) * seconds
            yaw += Double(setpoint.yaw_rate) * seconds
            let climb = -truth.velocity.z
            let lift =
                airframe.mass * (gravity + 4 * (height - truth.altitude) + 4 * (Double(setpoint.climb) - climb))
            var turn = yaw - truth.attitude.yaw
            turn -= (turn / (2 * Double.pi)).rounded() * 2 * Double.pi
            let wanted = Vector(
                8 * (Double(setpoint.roll) - truth.attitude.roll),
                8 * (Double(setpoint.pitch) - truth.attitude.pitch), 3 * turn + Double(setpoint.yaw_rate))
            let torque = airframe.inertia * Vector(20, 20, 8) * (wanted - truth.rate)
            let share = lift / max(0.5, truth.attitude.downInBody.z) / 4
            return (0..<4).map { motor in
                let thrust =
                    share - torque.x / (4 * airframe.motorY[motor]) + torque.y / (4 * airframe.motorX[motor])
                    + torque.z * airframe.spin[motor] / (4 * airframe.momentRatio)
                return (max(0.01, min(1, thrust / airframe.thrustMax))).squareRoot()
            }
        }
    }

    private struct Outcome {
        var tilt = 0.0
        var heightError = 0.0
        var truth: Truth
    }

    private func fly(_ parameters: WorldParameters, seed: UInt64, manoeuvres: Double) -> Outcome {
        let world = World(parameters: parameters, seed: seed)
        let driver = MotorDriver(Master(world))
        let pilot = ScriptedPilot(manoeuvreSeconds: manoeuvres)
        var autopilot = Autopilot(airframe: parameters.airframe)
        var outcome = Outcome(truth: world.truth)
        let ticks = Int((pilot.landingBegins + 15) * 500)
        var touched = 0
        for tick in 0..<ticks {
            world.advance(to: UInt64(tick) * 2_000_000)
            let seconds = Double(tick) / 500
            var ask = pilot.ask(at: seconds)
            let truth = world.truth
            switch ask.wish {
            case .takeoff(let height): ask.setpoint.climb = autopilot.height < Double(height) ? 1 : 0
            case .land:
                ask.setpoint.climb = -0.6
                touched = truth.onGround ? touched + 1 : 0
            case .wait, .arm, .fly: break
            }
            let stands = seconds < pilot.waitSeconds || touched > 100
            driver.set(
                stands ? [0, 0, 0, 0] : autopilot.commands(truth, ask.setpoint, seconds: 0.002))
            outcome.tilt = max(outcome.tilt, truth.tilt)
            if ask.wish == .fly {
                outcome.heightError = max(outcome.heightError, abs(autopilot.height - truth.altitude))
            }
        }
        outcome.truth = world.truth
        return outcome
    }

    @Test(arguments: UInt64(1)...5) func theScriptIsFlownAndLandedInGusts(seed: UInt64) {
        let outcome = fly(WorldParameters(), seed: seed, manoeuvres: 26)
        #expect(outcome.truth.crash == nil)
        #expect(outcome.truth.onGround)
        #expect(outcome.tilt > 0.3 && outcome.tilt < 0.5, "20 degrees were asked for, not \(outcome.tilt)")
        #expect(outcome.heightError < 0.6)
        #expect(outcome.truth.velocity.norm < 0.02 && outcome.truth.tilt < 0.01)
    }

    @Test(arguments: UInt64(1)...10) func soAreVariedVehicles(seed: UInt64) {
        let outcome = fly(WorldParameters().varied(by: 0.3, seed: seed), seed: seed, manoeuvres: 13)
        #expect(outcome.truth.crash == nil)
        #expect(outcome.truth.onGround)
        #expect(outcome.tilt < 0.6)
    }

    /// What the gyro said, summed up, is the turn that was made.
    @Test func theGyroTellsTheTurn() throws {
        var parameters = quietParameters()
        parameters.imu.clockError = 0
        let world = World(parameters: parameters, seed: 1)
        let master = Master(world)
        master.write(0x68, MPU6050Chip.Register.powerManagement1, [1])
        master.write(0x68, MPU6050Chip.Register.config, [1])
        master.write(0x68, MPU6050Chip.Register.gyroConfig, [0x10])
        master.wait(milliseconds: 100)
        var body = RigidBody()
        body.position.z = -500
        body.rate = Vector(0, 0, 1.5)
        world.place(body)
        master.wait(milliseconds: 10)
        let before = world.truth.attitude.yaw
        var sum = 0.0
        for _ in 0..<400 {
            master.wait(milliseconds: 1.5)
            let data = try master.read(0x68, MPU6050Chip.Register.data, 14).get()
            sum += Double(word(data, 12)) / 32.8 * Double.pi / 180
        }
        let turned = world.truth.attitude.yaw - before
        // Each reading stands for 1.5 ms of waiting and 0.45 ms of bus.
        let measured = sum * 1.95e-3
        #expect(abs(measured - turned) < 0.02, "\(measured) and \(turned)")
    }

    @Test func aSkippedSpanIsWithoutPhysics() {
        let world = World(parameters: quietParameters(), seed: 1)
        var body = RigidBody()
        body.position.z = -50
        world.place(body)
        world.advance(to: 100_000_000)
        let before = world.truth
        world.skip(to: 10_000_000_000)
        #expect(world.now == 10_000_000_000)
        #expect(world.truth.position == before.position)
        world.advance(to: 10_100_000_000)
        #expect(world.truth.velocity.z > before.velocity.z)
        let master = Master(world)
        #expect(master.byte(0x68, 0x75) == 0x68)
    }
}
