internal import Contract
internal import FlightKit

/// How the tilt shall follow the pilot's stick: two critically damped models, for roll and pitch.
///
/// Their rates and accelerations are fed forward, so that the loops only correct what the model misses.
struct TiltModel: ChannelLayout {
    /// rad, rad/s and rad/s² of roll and pitch.
    var roll: Float = 0
    var rollRate: Float = 0
    var rollAcceleration: Float = 0
    var pitch: Float = 0
    var pitchRate: Float = 0
    var pitchAcceleration: Float = 0

    /// rad/s: as fast as the rate loop behind it can follow.
    private static var speed: Float { 14 }

    var isSane: Bool {
        abs(roll) < 2 && abs(pitch) < 2 && abs(rollRate) < 50 && abs(pitchRate) < 50
            && abs(rollAcceleration) < 500 && abs(pitchAcceleration) < 500
    }

    /// Moves towards the setpoint (rad).
    @_noAllocation
    mutating func follow(roll wantedRoll: Float, pitch wantedPitch: Float, seconds: Float) {
        rollAcceleration = acceleration(wantedRoll, roll, rollRate)
        rollRate += rollAcceleration * seconds
        roll += rollRate * seconds
        pitchAcceleration = acceleration(wantedPitch, pitch, pitchRate)
        pitchRate += pitchAcceleration * seconds
        pitch += pitchRate * seconds
    }

    @_noAllocation
    private func acceleration(_ wanted: Float, _ angle: Float, _ rate: Float) -> Float {
        Self.speed * Self.speed * (wanted - angle) - 2 * Self.speed * rate
    }

    /// The world's down axis as the body shall see it.
    var downInBody: Vector3 {
        let (sr, cr, sp, cp) = (sine(roll), cosine(roll), sine(pitch), cosine(pitch))
        return Vector3(-sp, sr * cp, cr * cp)
    }

    /// Body rates (rad/s) of the model's motion while the heading turns by `yawRate` (Euler's kinematics).
    @_noAllocation
    func bodyRate(yawRate: Float) -> Vector3 {
        let (sr, cr, sp, cp) = (sine(roll), cosine(roll), sine(pitch), cosine(pitch))
        return Vector3(
            rollRate - sp * yawRate, cr * pitchRate + sr * cp * yawRate, cr * cp * yawRate - sr * pitchRate)
    }
}
