package import CContract
package import Contract
package import FlightKit

/// Version 2: the thrust axis is turned by the shortest way towards that of a model, whose motion is fed
/// forward; heading is steered apart from it. The derivative's filter follows the vibration.
package struct ReducedAttitudeController: Controller {
    package static var name: String { "flight-v2" }
    package static var version: String { "2.0.0" }
    package static var warmUpMilliseconds: UInt32 { 2000 }

    package static var channels: [Channel<ReducedAttitudeController>] {
        [
            Channel("estimator.attitude", \.attitude, schema: 1, kind: .replicate),
            Channel("estimator.altitude", \.altitude, schema: 1, kind: .replicate),
            Channel(
                "controller.rate", \.rate, schema: 2, kind: .replicate, oldestSchema: 1,
                migrate: RateLoop.migrate),
            Channel("controller.height", \.height, schema: 1, kind: .replicate),
            Channel(
                "controller.model", \.model, schema: 1, kind: .replicate, isRequired: false,
                settleMilliseconds: 1000),
            Channel("mission.reference", \.reference, schema: 1, kind: .seed),
            Channel("estimator.vibration", \.vibration, schema: 1, kind: .observe, settleMilliseconds: 1000),
        ]
    }

    var attitude = AttitudeEstimator()
    var altitude = AltitudeEstimator()
    var rate = RateLoop()
    var height = HeightLoop()
    var model = TiltModel()
    var reference = Reference()
    var vibration = Vibration()

    private let mass: Float
    private let inertia: Vector3
    private let tiltLimit: Float
    private let mixer: Mixer

    /// 1/s: distance of the thrust axes to rate.
    private static var tiltGain: Float { 6 }
    private static var headingGain: Float { 1.8 }
    /// rad/s: faster turns come near the gyro's range and gain nothing.
    private static var rateLimit: Vector3 { Vector3(5, 5, 2.5) }
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
        vibration.update(gyro: gyro, tick: sample.tick)
        estimate(sample, gyro, moment.seconds, isStanding)
        if isStanding {
            rate.rest(rate: gyro, cutoff: vibration.cutoff, seconds: moment.seconds)
            height.rest(height: altitude.height)
            model = TiltModel()
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
        let integrates = loopIsClosed && sample.flags & UInt8(DA_SAMPLE_ON_GROUND.rawValue) == 0

        let pose = attitude.attitude
        let down = pose.downInBody
        let lift = height.update(
            climb: sample.setpoint.climb, height: altitude.height, climb: altitude.climb, seconds: seconds,
            integrates: integrates)
        let thrust = mass * (standardGravity + lift) / clamp(down.z, Self.leastUpright, 1)

        model.follow(
            roll: clamp(sample.setpoint.roll, -tiltLimit, tiltLimit),
            pitch: clamp(sample.setpoint.pitch, -tiltLimit, tiltLimit), seconds: seconds)
        let yaw = pose.yaw
        reference.turn(rate: sample.setpoint.yaw_rate, yaw: yaw, seconds: seconds)
        let yawRate = sample.setpoint.yaw_rate + Self.headingGain * wrapped(reference.heading - yaw)
        // A vector fixed in the world moves in the body by v' = v × ω; this ω takes `down` to the model's.
        let nearer = model.downInBody.cross(down) * Self.tiltGain
        let wanted = Vector3(nearer.x, nearer.y, 0) + model.bodyRate(yawRate: yawRate)
        let acceleration = rate.update(
            wanted: wanted.clamped(by: Self.rateLimit),
            ahead: Vector3(model.rollAcceleration, model.pitchAcceleration, 0), rate: gyro - attitude.bias,
            cutoff: vibration.cutoff, seconds: seconds, integrates: integrates)
        return mixer.motors(thrust: thrust, torque: acceleration.scaled(by: inertia))
    }
}
