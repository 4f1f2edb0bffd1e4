internal import Contract
internal import FlightKit

/// Attitude by prediction and a correction of limited speed, in world axes.
///
/// The gyro predicts; then the horizon is turned towards what the accelerometer shows, never faster than a
/// fixed speed. So a manoeuvre bends it by its length alone, not by its violence, and heading is never touched.
/// The bytes are those of version 1's filter (schema 1), the filter is another.
struct AttitudeEstimator: ChannelLayout {
    /// World (NED) from body (FRD). Yaw is relative: it begins at 0 and drifts with the gyro.
    var attitude = Quaternion.identity
    /// rad/s, body; what is left of the gyro's bias.
    var bias = Vector3.zero
    /// 0 before the first sample, 1 after it.
    var isAligned: Float = 0

    /// 1/s: how fast a small error is taken out, standing and flying.
    private static var pullStanding: Float { 2 }
    private static var pullFlying: Float { 0.15 }
    /// rad/s: most that the horizon is turned in flight: 0.6 degrees in a second's manoeuvre.
    private static var speedLimit: Float { 0.01 }
    /// 1/s, of the correction: what must be corrected all the time is bias.
    private static var learning: Float { 0.02 }
    /// rad/s: five times what a calibrated MPU-6050 drifts.
    private static var biasLimit: Float { 0.02 }
    /// m/s²: a specific force this far from gravity says nothing about level.
    private static var forceWindow: Float { 2.5 }

    var isSane: Bool {
        let square = attitude.w * attitude.w + attitude.x * attitude.x + attitude.y * attitude.y
        return attitude.isFinite && bias.isFinite && bias.norm < 1
            && abs(square + attitude.z * attitude.z - 1) < 0.02
    }

    /// Takes in a sample: `gyro` rad/s, `accel` m/s², both body.
    @_noAllocation
    mutating func update(gyro: Vector3, accel: Vector3, seconds: Float, isStanding: Bool) {
        guard isAligned != 0 else {
            align(accel)
            return
        }
        attitude = attitude.turned(by: gyro - bias, for: seconds)
        let force = accel.norm
        guard force > 1, abs(force - standardGravity) < Self.forceWindow else { return }
        let down = attitude.rotate(accel * (-1 / force))
        // The turn that brings `down` to (0, 0, 1) has the axis down × (0, 0, 1), which is horizontal.
        var turn = Vector3(down.y, -down.x, 0) * (isStanding ? Self.pullStanding : Self.pullFlying)
        let speed = turn.norm
        if !isStanding && speed > Self.speedLimit { turn = turn * (Self.speedLimit / speed) }
        bias = (bias - attitude.unrotate(turn) * (Self.learning * seconds)).clamped(Self.biasLimit)
        let half = turn * (seconds / 2)
        attitude = (Quaternion(1, half.x, half.y, half.z) * attitude).normalized
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
