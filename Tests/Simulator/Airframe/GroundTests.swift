import Airframe
import Simulator
import Testing

@Suite struct GroundTests {
    @Test func standsStillAndLevelInAGust() {
        var parameters = WorldParameters()
        parameters.wind.speed20 = 8
        let world = World(parameters: parameters, seed: 5)
        world.advance(to: 10_000_000_000)
        let truth = world.truth
        #expect(truth.onGround && !truth.crashed)
        #expect(truth.tilt < 0.01)
        #expect(abs(truth.altitude) < 0.005)
        #expect((truth.position * Vector(1, 1, 0)).norm < 0.1)
        #expect(truth.rate.norm < 0.02)
    }

    @Test func aGentleTouchIsNoCrash() {
        let world = World(parameters: quietParameters(), seed: 1)
        var body = RigidBody()
        body.position.z = -0.1
        body.velocity.z = 0.5
        world.place(body)
        world.advance(to: 3_000_000_000)
        #expect(world.truth.onGround && !world.truth.crashed)
        #expect(world.truth.velocity.norm < 1e-3)
    }

    @Test func fallingFromThreeMetresIsACrash() {
        let world = World(parameters: quietParameters(), seed: 1)
        var body = RigidBody()
        body.position.z = -3
        world.place(body)
        world.advance(to: 3_000_000_000)
        guard case .speed(let speed) = world.truth.crash else {
            Issue.record("no crash")
            return
        }
        #expect(speed > 6 && speed < 8)
    }

    @Test func landingOnItsSideIsACrash() {
        let world = World(parameters: quietParameters(), seed: 1)
        var body = RigidBody()
        body.position.z = -0.1
        body.attitude = Attitude(roll: 1.4, pitch: 0, yaw: 0)
        world.place(body)
        world.advance(to: 1_000_000_000)
        guard case .tilt = world.truth.crash else {
            Issue.record("no crash")
            return
        }
    }

    @Test func aLeaningTouchdownLevels() {
        let world = World(parameters: quietParameters(), seed: 1)
        var body = RigidBody()
        body.position.z = -0.15
        body.velocity.z = 0.3
        body.attitude = Attitude(roll: 0.15, pitch: -0.1, yaw: 1)
        world.place(body)
        world.advance(to: 3_000_000_000)
        #expect(!world.truth.crashed)
        #expect(world.truth.tilt < 0.01)
    }

    @Test func hoveringLowRaisesTheBarometersPressure() {
        let air = Atmosphere(Atmosphere.Parameters())
        let low = air.pressureAtVehicle(height: 0, lift: 1) - air.pressure(height: 0)
        #expect(abs(low - 8) < 1e-9)
        let high = air.pressureAtVehicle(height: 3, lift: 1) - air.pressure(height: 3)
        #expect(high < 0.001)
    }
}
