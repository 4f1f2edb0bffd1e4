internal import Contract
internal import FlightKit

/// Attitude by a complementary filter on the quaternion.
///
/// The gyro is integrated; the accelerometer pulls the down axis slowly into place and, still more slowly,
/// learns what the core's bias measurement left over (R. Mahony, T. Hamel, J.-M. Pflimlin, "Nonlinear
/// complementary filters on the special orthogonal group", IEEE TAC 53(5), 2008, passive form).
struct AttitudeEstimator: ChannelLayout {
    /// World (NED) from body (FRD). Yaw is relative: it begins at 0 and drifts with the gyro.
    var attitude = Quaternion.identity
    /// rad/s, body; what is left of the gyro's bias.
    var bias = Vector3.zero
    /// 0 before the first sample, 1 after it.
    var isAligned: Float = 0

    /// Pull of gravity, 1/s: 2 finds level within 2 s while standing; in flight 0.12 forgets a wrong tilt
    /// in 8 s, slowly enough that the accelerations of a 1 s manoeuvre do not bend the horizon by a degree.
    private static var pullStanding: Float { 2 }
    private static var pullFlying: Float { 0.12 }
    /// Learning of the bias, 1/s²; the limit is five times what a calibrated MPU-6050 drifts, rad/s.
    private static var learning: Float { 0.002 }
    private static var biasLimit: Float { 0.02 }
    /// Beyond this tilt (rad, 5°) the vehicle accelerates sideways and gravity is not to be seen; at three
    /// times as much only `leastTrust` of the pull is left, which still frees a filter that is all wrong.
    private static var calmTilt: Float { 0.087 }
    private static var leastTrust: Float { 0.05 }
    /// A specific force this far from gravity (m/s²) says nothing about level.
    private static var forceWindow: Float { 2 }

    var isSane: Bool {
        attitude.isFinite && bias.isFinite && bias.norm < 1 && abs(attitude.norm - 1) < 0.01
    }

    /// Takes in a sample: `gyro` rad/s, `accel` m/s², both body.
    @_noAllocation
    mutating func update(gyro: Vector3, accel: Vector3, seconds: Float, isStanding: Bool) {
        let force = accel.norm
        if isAligned == 0 {
            align(accel)
            return
        }
        var correction = Vector3.zero
        if force > 1 {
            let measured = accel * (-1 / force)
            let estimated = attitude.downInBody
            let sideways = squareRoot(estimated.x * estimated.x + estimated.y * estimated.y)
            let calm = clamp(1.5 - sideways / (2 * Self.calmTilt), Self.leastTrust, 1)
            let steady = clamp(1 - abs(force - standardGravity) / Self.forceWindow, 0, 1)
            let level: Float = isStanding ? 1 : calm
            let trust: Float = steady * level
            let error: Vector3 = measured.cross(estimated) * trust
            correction = error * (isStanding ? Self.pullStanding : Self.pullFlying)
            bias = (bias - error * (Self.learning * seconds)).clamped(Self.biasLimit)
        }
        attitude = attitude.turned(by: gyro - bias + correction, for: seconds)
    }

    /// Roll and pitch from gravity alone, yaw 0.
    @_noAllocation
    private mutating func align(_ accel: Vector3) {
        let roll = arcTangent(-accel.y, -accel.z)
        let pitch = arcTangent(accel.x, squareRoot(accel.y * accel.y + accel.z * accel.z))
        attitude = Quaternion(roll: roll, pitch: pitch, yaw: 0).normalized
        isAligned = 1
    }
}

extension Quaternion {
    fileprivate var norm: Float { squareRoot(w * w + x * x + y * y + z * z) }
}
