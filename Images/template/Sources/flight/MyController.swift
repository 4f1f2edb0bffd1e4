import CContract
import Contract
import FlightKit

/// The least that flies: level by gyro and gravity, height by pressure and accelerometer, P loops on both.
struct MyController: Controller {
    static let name = "my-flight"
    static let version = "0.1.0"

    /// What a successor needs. Each is a stored property; raise `schema` when its fields change.
    static var channels: [Channel<MyController>] {
        [Channel("my.estimate", \.estimate, schema: 1, kind: .replicate)]
    }

    /// Made of 4-byte fields, so that its bytes are the same everywhere.
    struct Estimate: ChannelLayout {
        var attitude = Quaternion.identity
        /// m above the datum, m/s, up.
        var height: Float = 0
        var climb: Float = 0
        /// Pa, where the vehicle took off.
        var datum: Float = 0
        /// m, the height to hold.
        var hold: Float = 0

        var isSane: Bool { attitude.isFinite && abs(height) < 1000 && abs(climb) < 100 && abs(hold) < 1000 }
    }

    var estimate = Estimate()
    private let mass: Float
    private let inertia: Vector3
    private let mixer: Mixer

    init(vehicle: da_vehicle, tickRate _: Int) {
        mass = vehicle.mass
        inertia = Vector3(vehicle.inertia)
        mixer = Mixer(vehicle)
    }

    mutating func step(_ sample: da_sample, _ moment: Moment) -> Motors {
        let gyro = Vector3(sample.gyro)
        let isStanding = sample.mode <= UInt8(DA_MODE_ARMED.rawValue)
        update(sample, gyro, moment.seconds, isStanding)
        if sample.mode == UInt8(DA_MODE_DISARMED.rawValue) { return Motors(repeating: 0) }
        if isStanding { return mixer.idling }

        let setpoint = sample.setpoint
        estimate.hold = clamp(
            estimate.hold + setpoint.climb * moment.seconds, estimate.height - 0.5, estimate.height + 0.5)
        let climb = setpoint.climb + 1.2 * (estimate.hold - estimate.height)
        let thrust = mass * (standardGravity + 4 * (climb - estimate.climb))
        let pose = estimate.attitude
        let rate = Vector3(5 * (setpoint.roll - pose.roll), 5 * (setpoint.pitch - pose.pitch), setpoint.yaw_rate)
        let torque = (rate - gyro).scaled(by: Vector3(18, 18, 4)).scaled(by: inertia)
        return mixer.motors(thrust: thrust / clamp(pose.downInBody.z, 0.5, 1), torque: torque)
    }

    private mutating func update(_ sample: da_sample, _ gyro: Vector3, _ seconds: Float, _ isStanding: Bool) {
        let accel = Vector3(sample.accel)
        let pull: Float = isStanding ? 2 : 0.1
        let down = accel * (-1 / clamp(accel.norm, 1, 100))
        let correction = down.cross(estimate.attitude.downInBody) * pull
        estimate.attitude = estimate.attitude.turned(by: gyro + correction, for: seconds)
        if sample.mode == UInt8(DA_MODE_DISARMED.rawValue) || estimate.datum == 0 { estimate.datum = sample.pressure }
        if isStanding {
            (estimate.height, estimate.climb, estimate.hold) = (0, 0, 0)
            return
        }
        estimate.climb -= (estimate.attitude.rotate(accel).z + standardGravity) * seconds
        estimate.height += estimate.climb * seconds
        let measured = pressureHeight(sample.pressure, datum: estimate.datum, temperature: sample.temperature)
        estimate.height += 2 * (measured - estimate.height) * seconds
        estimate.climb += 1.5 * (measured - estimate.height) * seconds
    }
}
