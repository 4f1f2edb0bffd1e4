package import CContract
package import Contract
package import FlightKit

/// Version 1: a cascade of P and PID loops on Euler angles behind complementary filters.
package struct CascadeController: Controller {
    package static var name: String { "flight-v1" }
    package static var version: String { "1.0.0" }
    package static var warmUpMilliseconds: UInt32 { 2000 }

    package static var channels: [Channel<CascadeController>] {
        [
            Channel("estimator.attitude", \.attitude, schema: 1, kind: .replicate),
            Channel("estimator.altitude", \.altitude, schema: 1, kind: .replicate),
            Channel("controller.rate", \.rate, schema: 1, kind: .replicate),
            Channel("controller.height", \.height, schema: 1, kind: .replicate),
            Channel("mission.reference", \.reference, schema: 1, kind: .seed),
        ]
    }

    var attitude = AttitudeEstimator()
    var altitude = AltitudeEstimator()
    var rate = RateLoop()
    var height = HeightLoop()
    var reference = Reference()

    private let mass: Float
    private let inertia: Vector3
    private let tiltLimit: Float
    private let mixer: Mixer

    /// Angle to rate, 1/s: a third of the rate loop's.
    private static var angleGain: Float { 5 }
    private static var headingGain: Float { 1.5 }
    /// rad/s: faster turns come near the gyro's range and gain nothing.
    private static var rateLimit: Vector3 { Vector3(4, 4, 2.5) }
    /// The thrust makes up for tilt no further than to this cosine (60°): beyond it height is given up.
    private static var leastUpright: Float { 0.5 }

    package init(vehicle: da_vehicle, tickRate: Int) {
        mass = clamp(vehicle.mass, 0.01, 1000)
        inertia = Vector3(vehicle.inertia)
        tiltLimit = clamp(vehicle.tilt_limit, 0, 1)
        mixer = Mixer(vehicle)
    }

    @_noAllocation
    package mutating func step(_ sample: da_sample, _ moment: Moment) -> Motors {
        let isStanding = sample.mode <= UInt8(DA_MODE_ARMED.rawValue)
        let gyro = Vector3(sample.gyro)
        estimate(sample, gyro, moment.seconds, isStanding)
        if isStanding {
            rate.rest(rate: gyro, seconds: moment.seconds)
            height.rest(height: altitude.height)
            reference.heading = attitude.attitude.yaw
            return sample.mode == UInt8(DA_MODE_ARMED.rawValue) ? mixer.idling : Motors(repeating: 0)
        }
        return control(sample, gyro, moment)
    }

    @_noAllocation
    private mutating func estimate(_ sample: da_sample, _ gyro: Vector3, _ seconds: Float, _ isStanding: Bool) {
        let accel = Vector3(sample.accel)
        attitude.update(gyro: gyro, accel: accel, seconds: seconds, isStanding: isStanding)
        let acceleration = -(attitude.attitude.rotate(accel).z + standardGravity)
        if sample.mode == UInt8(DA_MODE_DISARMED.rawValue) || reference.datumPressure == 0 {
            reference.follow(pressure: sample.pressure, celsius: sample.temperature, seconds: seconds)
        }
        if isStanding {
            altitude.stand(acceleration: acceleration, seconds: seconds)
        } else {
            let isFresh = sample.flags & UInt8(DA_SAMPLE_BARO_FRESH.rawValue) != 0
            let measured = isFresh ? reference.height(sample.pressure) : nil
            altitude.update(acceleration: acceleration, measured: measured, seconds: seconds)
        }
    }

    @_noAllocation
    private mutating func control(_ sample: da_sample, _ gyro: Vector3, _ moment: Moment) -> Motors {
        let seconds = moment.seconds
        // Open loop (another one flies) and ground contact wind integrators up.
        let loopIsClosed = moment.role != .standby && sample.mode != UInt8(DA_MODE_FAILSAFE.rawValue)
        let isFlying = sample.flags & UInt8(DA_SAMPLE_ON_GROUND.rawValue) == 0

        let lift = height.update(
            climb: sample.setpoint.climb, height: altitude.height, climb: altitude.climb, seconds: seconds,
            integrates: loopIsClosed && isFlying)
        let upright = clamp(attitude.attitude.downInBody.z, Self.leastUpright, 1)
        let thrust = mass * (standardGravity + lift) / upright

        let pose = attitude.attitude
        let yaw = pose.yaw
        reference.turn(rate: sample.setpoint.yaw_rate, yaw: yaw, seconds: seconds)
        let wanted = Vector3(
            Self.angleGain * (clamp(sample.setpoint.roll, -tiltLimit, tiltLimit) - pose.roll),
            Self.angleGain * (clamp(sample.setpoint.pitch, -tiltLimit, tiltLimit) - pose.pitch),
            sample.setpoint.yaw_rate + Self.headingGain * wrapped(reference.heading - yaw)
        ).clamped(by: Self.rateLimit)
        let acceleration = rate.update(
            wanted: wanted, rate: gyro - attitude.bias, seconds: seconds, integrates: loopIsClosed && isFlying)
        return mixer.motors(thrust: thrust, torque: acceleration.scaled(by: inertia))
    }
}
