internal import Airframe
internal import CContract
internal import Contract

/// The vehicle as the agent imagines it: the physics of the bench's airframe, and sensors with lag and noise. No
/// wind: the script moves it enough.
struct VehicleModel {
    /// Steps of the physics in one tick.
    private static let steps = 8
    /// Of these, how many pass between the sensors' reading and the motors' hearing of it: reading, answering and
    /// writing take half a tick.
    private static let answerSteps = 4
    /// Hz and s of the IMU's low pass, as the core's driver sets it (MPU-6050 register map, register 26, value 1).
    private static let band = 188.0
    private static let delay = 1.9e-3
    /// Ticks.
    private static let longestDelay = 32
    /// Inputs until the low passes are full.
    private static let filling = 64
    /// rad/s, m/s² and Pa, deviation of one reading: rotors shake the frame ten times as much as the chips hiss.
    private static let gyroNoise = 0.01
    private static let accelNoise = 0.3
    private static let pressureNoise = 1.0
    /// Barometer readings a second, as in the core.
    private static let pressureRate = 50
    /// m above which the ground is forgotten: how low the vehicle may come is for the judge to say.
    private static let groundHeight = 0.5

    private let nominal: AirframeParameters
    private var airframe: AirframeParameters
    private let ground: Ground?
    private let seconds: Double
    private let pressureTicks: UInt64
    private let startPressure: Double
    private let scaleHeight: Double
    private var rotors: Rotors
    private var body = RigidBody()
    private var gyro: LowPass
    private var accel: LowPass
    private var random = RandomSource(seed: 1)
    private var pressure: Double
    private var command: SIMD4<Double>
    /// Commands on their way to the rotors.
    private var line: [Motors]
    private var delayTicks = 0
    private var hasLeftGround: Bool

    init(_ start: RehearsalStart) {
        let sample = start.sample
        nominal = AirframeParameters(start.vehicle)
        airframe = nominal
        seconds = 1 / Double(start.tickRate * Self.steps)
        pressureTicks = UInt64(max(1, start.tickRate / Self.pressureRate))
        startPressure = Double(sample.pressure)
        pressure = startPressure
        // Isothermal atmosphere: R T / g of dry air.
        scaleHeight = 29.271 * (273.15 + Double(sample.temperature))
        command = simd(sample.applied)
        line = Array(repeating: Motors(sample.applied), count: Self.longestDelay)
        rotors = Rotors(airframe, seconds: seconds, speed: command)
        gyro = LowPass(bandwidth: Self.band, delay: Self.delay, step: seconds)
        accel = LowPass(bandwidth: Self.band, delay: Self.delay, step: seconds)
        let stands = sample.flags & SampleFlags.onGround.rawValue != 0
        ground = stands ? Ground(airframe) : nil
        hasLeftGround = !stands
        if !stands {
            body.attitude = Attitude(roll: Double(start.roll), pitch: Double(start.pitch), yaw: 0)
            body.rate = Vector(Double(sample.gyro.0), Double(sample.gyro.1), Double(sample.gyro.2))
            body.velocity.z = -Double(start.climb)
        }
        for _ in 0..<Self.filling {
            gyro.feed(body.rate)
            accel.feed(Vector(Double(sample.accel.0), Double(sample.accel.1), Double(sample.accel.2)))
        }
    }

    /// m above the start.
    var height: Double { -body.position.z }
    var attitude: Attitude { body.attitude }
    /// rad/s, body.
    var rate: Vector { body.rate }
    var isOnGround: Bool { !hasLeftGround }

    /// The vehicle becomes another one in the air, as if it took up a load. The rotors' lag follows at once.
    mutating func become(_ variant: VehicleVariant) {
        airframe = variant.applied(to: nominal)
        rotors = Rotors(airframe, seconds: seconds, speed: rotors.speed)
        delayTicks = min(Self.longestDelay - 1, Int((variant.delay / (seconds * Double(Self.steps))).rounded()))
    }

    /// What the sensors read, put into a sample whose tick is set.
    mutating func sense(_ sample: inout da_sample) {
        let turn = gyro.output + random.gaussianVector() * Self.gyroNoise
        let force = accel.output + random.gaussianVector() * Self.accelNoise
        sample.gyro = (Float(turn.x), Float(turn.y), Float(turn.z))
        sample.accel = (Float(force.x), Float(force.y), Float(force.z))
        sample.flags = SampleFlags.imuFresh.rawValue
        if sample.tick % pressureTicks == 0 {
            pressure = startPressure * (1 - height / scaleHeight) + random.gaussian() * Self.pressureNoise
            sample.flags |= SampleFlags.barometerFresh.rawValue
        }
        sample.pressure = Float(pressure)
        if isOnGround { sample.flags |= SampleFlags.onGround.rawValue }
    }

    /// Lives through one tick; `motors` (0 to 1) reach the rotors in the middle of it.
    mutating func live(_ motors: Motors) {
        line.removeLast()
        line.insert(motors, at: 0)
        for step in 0..<Self.steps {
            if step == Self.answerSteps { command = simd(line[delayTicks].array) }
            move()
        }
        if height > Self.groundHeight { hasLeftGround = true }
    }

    private mutating func move() {
        rotors.step(command: command, voltage: 1)
        let thrust = rotors.thrust(airframe)
        let air = body.attitude.unrotate(body.velocity)
        let drag = -(airframe.dragLinear * air + airframe.dragQuadratic * air.norm * air)
        let contact = hasLeftGround ? nil : ground?.contact(body)
        let pushed = body.attitude.rotate(drag + Vector(0, 0, -thrust.sum())) + (contact?.force ?? .zero)
        let torque = Rotors.torque(thrust, airframe) - airframe.dragTurning * body.rate + (contact?.torque ?? .zero)
        accel.feed(body.attitude.unrotate(pushed) / airframe.mass)
        gyro.feed(body.rate)
        body.step(
            force: pushed + Vector(0, 0, airframe.mass * gravity), torque: torque, mass: airframe.mass,
            inertia: airframe.inertia, seconds: seconds)
    }
}

private func simd(_ motors: (Float, Float, Float, Float)) -> SIMD4<Double> {
    SIMD4(Double(motors.0), Double(motors.1), Double(motors.2), Double(motors.3))
}
