import CContract
import Contract

/// A plain quadcopter for tests of the controllers: rigid body, rotor lag, drag, gusts, noisy sensors, ground.
///
/// Written apart from the bench's airframe, so that the controllers are tried against two opinions.
struct Plant {
    static let vehicle = da_vehicle(
        mass: 1, inertia: (0.0082, 0.0082, 0.0149), motor_x: (0.16, -0.16, 0.16, -0.16),
        motor_y: (0.16, -0.16, -0.16, 0.16), spin: (1, 1, -1, -1), thrust_max: 5.5, moment_ratio: 0.016,
        rotor_lag: 0.02, tilt_limit: 0.6, command_idle: 0.08, reserved: 0)

    /// NED, m and m/s.
    var position = Vector3.zero
    var velocity = Vector3.zero
    var attitude = Quaternion.identity
    /// Body, rad/s.
    var rate = Vector3.zero
    /// Air, NED, m/s; `gustiness` is its standard deviation.
    var wind = Vector3.zero
    var gustiness: Float
    /// Share of the nominal thrust: a sagging battery.
    var power: Float = 1
    private(set) var specificForce = Vector3(0, 0, -standardGravity)
    private var rotors = Motors(repeating: 0)
    private var noise: Noise

    init(seed: UInt64, gustiness: Float) {
        noise = Noise(seed: seed)
        self.gustiness = gustiness
    }

    var height: Float { -position.z }
    var isOnGround: Bool { position.z > -0.01 }

    /// Lives through `seconds` under `motors`.
    mutating func advance(_ motors: Motors, seconds: Float) {
        let steps = 8
        let step = seconds / Float(steps)
        gust(seconds)
        for _ in 0..<steps { move(motors, step) }
    }

    private mutating func gust(_ seconds: Float) {
        let pull = seconds / 1.5
        let push = gustiness * squareRoot(2 * pull)
        wind = wind * (1 - pull) + Vector3(noise.normal(), noise.normal(), noise.normal() * 0.3) * push
    }

    private mutating func move(_ motors: Motors, _ seconds: Float) {
        let vehicle = Self.vehicle
        let (x, y, spin) = (InlineArray(vehicle.motor_x), InlineArray(vehicle.motor_y), InlineArray(vehicle.spin))
        var thrust: Float = 0
        var torque = Vector3.zero
        for motor in 0..<4 {
            rotors[motor] += (motors[motor] - rotors[motor]) * seconds / vehicle.rotor_lag
            let force = power * vehicle.thrust_max * rotors[motor] * rotors[motor]
            thrust += force
            torque += Vector3(-y[motor] * force, x[motor] * force, spin[motor] * vehicle.moment_ratio * force)
        }
        // A hundredth of a newton metre out of balance, so that integrators have something to do.
        torque += Vector3(0.02, -0.015, 0.003)
        let drag = (wind - velocity) * 0.25
        let inertia = Vector3(vehicle.inertia)
        let momentum = rate.scaled(by: inertia)
        let net = torque - rate.cross(momentum) - rate * 0.005
        rate += Vector3(net.x / inertia.x, net.y / inertia.y, net.z / inertia.z) * seconds
        attitude = attitude.turned(by: rate, for: seconds)
        let force = attitude.rotate(Vector3(0, 0, -thrust)) + drag
        var acceleration = force * (1 / vehicle.mass) + Vector3(0, 0, standardGravity)
        if position.z >= 0 && acceleration.z > 0 {
            acceleration = .zero
            position.z = 0
            velocity = .zero
            rate = .zero
            attitude = Quaternion(roll: 0, pitch: 0, yaw: attitude.yaw)
        }
        velocity += acceleration * seconds
        position += velocity * seconds
        specificForce = attitude.unrotate(acceleration - Vector3(0, 0, standardGravity))
    }
}

extension Plant {
    /// What the sensors read: gyro rad/s, accelerometer m/s², pressure Pa.
    mutating func sense() -> (gyro: Vector3, accel: Vector3, pressure: Float) {
        let gyro = rate + noise.vector(0.01) + Vector3(0.0015, -0.001, 0.001)
        let accel = specificForce + noise.vector(0.2) + Vector3(0.06, -0.05, 0.1)
        let pressure = 100_900 * (1 - height / 8434) + noise.normal() * 1.3
        return (gyro, accel, pressure)
    }
}

/// Reproducible noise: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Standard normal, near enough: the sum of twelve uniform numbers less 6.
    mutating func normal() -> Float {
        var sum: Float = -6
        for _ in 0..<12 { sum += Float(next() >> 40) / Float(1 << 24) }
        return sum
    }

    mutating func vector(_ deviation: Float) -> Vector3 {
        Vector3(normal() * deviation, normal() * deviation, normal() * deviation)
    }
}
