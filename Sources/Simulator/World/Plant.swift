internal import Airframe

/// The physics of the world, without chips: commands in, motion out.
struct Plant {
    /// s; the fastest thing in it is the ground's friction, with a time constant of about 1 ms.
    static let step = 250e-6
    static let stepNanoseconds: UInt64 = 250_000

    private let airframe: AirframeParameters
    private let ground: Ground
    private let atmosphere: Atmosphere
    private(set) var rotors: Rotors
    private(set) var battery: Battery
    private(set) var wind: Wind
    private var vibration: Vibration
    var body = RigidBody()
    /// What an ideal IMU feels: specific force (m/s²) and turning (rad/s), FRD, vibration included.
    private(set) var feltForce = Vector(0, 0, -gravity)
    private(set) var feltRate = Vector.zero
    private(set) var onGround = true
    private(set) var crash: Crash?
    private var lift = 0.0

    init(_ parameters: WorldParameters, seed: UInt64) {
        airframe = parameters.airframe
        ground = Ground(parameters.airframe)
        atmosphere = Atmosphere(parameters.air)
        rotors = Rotors(parameters.airframe, seconds: Self.step)
        battery = Battery(parameters.battery)
        wind = Wind(parameters.wind, seconds: Self.step, random: RandomSource(seed: seed, stream: 1))
        var random = RandomSource(seed: seed, stream: 2)
        vibration = Vibration(
            rotorSpeedMax: parameters.airframe.rotorSpeedMax, acceleration: parameters.vibrationAcceleration,
            turning: parameters.vibrationTurning, random: &random)
    }

    /// Pa at the barometer.
    var pressure: Double { atmosphere.pressureAtVehicle(height: -body.position.z, lift: lift) }
    /// degrees Celsius.
    var temperature: Double { atmosphere.temperature }

    /// Moves on by one step with these motor commands (0 to 1).
    mutating func step(_ command: SIMD4<Double>) {
        rotors.step(command: command, voltage: battery.rotorVoltage)
        battery.step(speed: rotors.speed, seconds: Self.step)
        wind.step(height: -body.position.z, body: body.velocity)

        let thrust = rotors.thrust(airframe)
        let air = body.attitude.unrotate(body.velocity - wind.velocity)
        let drag = -(airframe.dragLinear * air + airframe.dragQuadratic * air.norm * air)
        let contact = ground.contact(body)
        let pushed = body.attitude.rotate(drag + Vector(0, 0, -thrust.sum())) + contact.force
        let torque = Rotors.torque(thrust, airframe) - airframe.dragTurning * body.rate + contact.torque
        if contact.touches && !onGround { judge(body) }
        if contact.touches && crash == nil && body.attitude.tilt > airframe.touchTiltMax {
            crash = .tilt(body.attitude.tilt)
        }
        onGround = contact.touches
        lift = thrust.sum() / (airframe.mass * gravity)

        let shake = vibration.step(speed: rotors.speed, seconds: Self.step)
        feltForce = body.attitude.unrotate(pushed) / airframe.mass + shake.force
        feltRate = body.rate + shake.rate
        body.step(
            force: pushed + Vector(0, 0, airframe.mass * gravity), torque: torque, mass: airframe.mass,
            inertia: airframe.inertia, seconds: Self.step)
    }

    /// At the first touch: does the frame stand it?
    private mutating func judge(_ body: RigidBody) {
        guard crash == nil, body.velocity.z > airframe.touchSpeedMax else { return }
        crash = .speed(body.velocity.z)
    }

    func truth(at time: UInt64) -> Truth {
        Truth(
            time: time, position: body.position, velocity: body.velocity, attitude: body.attitude,
            rate: body.rate, rotorSpeed: rotors.speed, wind: wind.velocity, batteryVoltage: battery.voltage,
            onGround: onGround, crash: crash)
    }
}
