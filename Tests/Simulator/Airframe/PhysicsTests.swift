import Airframe
import Simulator
import Testing

@Suite struct PhysicsTests {
    private func flying(_ parameters: WorldParameters, height: Double = 50) -> (World, MotorDriver) {
        let world = World(parameters: parameters, seed: 1)
        let driver = MotorDriver(Master(world))
        var body = RigidBody()
        body.position.z = -height
        world.place(body)
        return (world, driver)
    }

    private func run(_ world: World, _ driver: MotorDriver, _ commands: [Double], seconds: Double) {
        let end = world.now + UInt64(seconds * 1e9)
        while world.now < end {
            driver.set(commands)
            world.advance(to: world.now + 1_500_000)
        }
    }

    @Test func freeFallIsExact() {
        var body = RigidBody()
        for _ in 0..<4000 {
            body.step(
                force: Vector(0, 0, gravity), torque: .zero, mass: 1, inertia: Vector(1, 1, 1), seconds: 250e-6)
        }
        #expect(abs(body.position.z - gravity / 2) < 1e-9)
        #expect(abs(body.velocity.z - gravity) < 1e-9)
    }

    @Test func anAccelerometerInFreeFallFeelsNothing() {
        var parameters = quietParameters()
        parameters.airframe.dragLinear = .zero
        parameters.airframe.dragQuadratic = 0
        let (world, driver) = flying(parameters, height: 200)
        driver.master.write(0x68, MPU6050Chip.Register.powerManagement1, [1])
        driver.master.wait(milliseconds: 200)
        let data = (try? driver.master.read(0x68, MPU6050Chip.Register.data, 14).get()) ?? []
        for axis in 0..<3 { #expect(abs(Int(word(data, 2 * axis))) <= 1) }
        #expect(world.truth.velocity.z > 1.5)
    }

    /// Without torque the energy and the angular momentum of a tumbling body stay.
    @Test func tumblingKeepsEnergyAndMomentum() {
        var body = RigidBody()
        body.rate = Vector(8, 1, 5)
        let inertia = Vector(0.0082, 0.012, 0.0149)
        let energy = body.kineticEnergy(mass: 1, inertia: inertia)
        let momentum = body.attitude.rotate(inertia * body.rate)
        for _ in 0..<40_000 {
            body.step(force: .zero, torque: .zero, mass: 1, inertia: inertia, seconds: 250e-6)
        }
        #expect(abs(body.kineticEnergy(mass: 1, inertia: inertia) / energy - 1) < 1e-5)
        let after = body.attitude.rotate(inertia * body.rate)
        #expect((after - momentum).norm / momentum.norm < 1e-3)
    }

    @Test func hoversAtTheComputedCommand() {
        let parameters = quietParameters()
        let (world, driver) = flying(parameters)
        let hover = parameters.airframe.hoverCommand
        #expect(abs(hover - 0.6677) < 1e-3)
        run(world, driver, [hover, hover, hover, hover], seconds: 3)
        // It falls while the rotors spin up; then the drag brings it towards rest.
        let before = world.truth.velocity.z
        run(world, driver, [hover, hover, hover, hover], seconds: 2)
        let change = (world.truth.velocity.z - before) / 2
        #expect(abs(change) < 0.1, "acceleration \(change)")
        #expect(world.truth.tilt < 1e-6)
    }

    /// Motor order: 0 front right, 1 rear left (both counter-clockwise), 2 front left, 3 rear right.
    @Test(arguments: [
        ([0.1, -0.1, -0.1, 0.1], 0, -1.0),  // right side stronger: rolls left
        ([-0.1, 0.1, 0.1, -0.1], 0, 1.0),
        ([0.1, -0.1, 0.1, -0.1], 1, 1.0),  // front stronger: nose up
        ([-0.1, 0.1, -0.1, 0.1], 1, -1.0),
        ([0.1, 0.1, -0.1, -0.1], 2, 1.0),  // counter-clockwise ones stronger: nose right
        ([-0.1, -0.1, 0.1, 0.1], 2, -1.0),
    ]) func differencesTurnTheRightWay(difference: [Double], axis: Int, sign: Double) {
        let parameters = quietParameters()
        let (world, driver) = flying(parameters)
        let hover = parameters.airframe.hoverCommand
        run(world, driver, [hover, hover, hover, hover], seconds: 0.5)
        run(world, driver, difference.map { hover + 0.2 * $0 }, seconds: 0.1)
        let rate = world.truth.rate
        #expect(rate[axis] * sign > 0.02)
        for other in 0..<3 where other != axis { #expect(abs(rate[other]) < abs(rate[axis]) / 5) }
    }

    @Test func rotorsLagByTheirTimeConstant() {
        let parameters = quietParameters()
        var rotors = Rotors(parameters.airframe, seconds: 250e-6)
        for _ in 0..<80 { rotors.step(command: SIMD4(repeating: 1), voltage: 1) }  // 20 ms
        #expect(abs(rotors.speed[0] - 0.632) < 0.001)
    }

    @Test func dragEndsAFall() {
        let (world, _) = flying(quietParameters(), height: 2000)
        world.advance(to: 20_000_000_000)
        // m g = (0.15 + 0.02 v) v.
        let terminal = (-0.15 + (0.15 * 0.15 + 4 * 0.02 * gravity).squareRoot()) / 0.04
        #expect(abs(world.truth.velocity.z / terminal - 1) < 0.01)
    }

    @Test func theBatterySagsAndTiresAndTheRotorsFeelIt() {
        var parameters = quietParameters()
        parameters.battery.voltageEffect = 1
        let (world, driver) = flying(parameters, height: 500)
        let rest = world.truth.batteryVoltage
        run(world, driver, [0.9, 0.9, 0.9, 0.9], seconds: 1)
        let loaded = world.truth.batteryVoltage
        #expect(rest - loaded > 0.4)
        #expect(abs(world.truth.rotorSpeed[0] - 0.9 * loaded / 12) < 0.01)
        run(world, driver, [0.9, 0.9, 0.9, 0.9], seconds: 20)
        #expect(world.truth.batteryVoltage < loaded - 0.1)
    }

    @Test func aDeadMotorChipStopsTheMotors() {
        let (world, driver) = flying(quietParameters(), height: 500)
        run(world, driver, [0.7, 0.7, 0.7, 0.7], seconds: 0.5)
        world.brownOut(0x41)
        world.advance(to: world.now + 300_000_000)
        #expect(world.truth.rotorSpeed.max() < 0.01)
    }
}
