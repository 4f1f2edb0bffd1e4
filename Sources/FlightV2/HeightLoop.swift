internal import Contract
internal import FlightKit

/// Height to climb to vertical acceleration: PI around the climb, whose setpoint is fed forward (schema 1, as
/// in version 1).
struct HeightLoop: ChannelLayout {
    /// m above the datum, the height to hold; the pilot's climb rate moves it.
    var reference: Float = 0
    /// m/s², up: what it takes to hover beside the nominal thrust.
    var integral: Float = 0

    /// 1/s.
    private static var heightGain: Float { 1.3 }
    private static var climbGain: Float { 6 }
    /// 1/s².
    private static var integrating: Float { 3 }
    /// m/s²: a battery that sags by a third of its thrust.
    private static var integralLimit: Float { 4 }
    /// m: the height to hold is never farther from the real one.
    private static var leash: Float { 0.6 }
    /// m/s beside the pilot's climb.
    private static var correctionLimit: Float { 1 }
    /// m/s²: down less than free fall, up what the motors have beyond hover.
    private static var down: Float { -5 }
    private static var up: Float { 6 }

    var isSane: Bool { abs(reference) < 10_000 && abs(integral) <= Self.integralLimit }

    /// The vertical acceleration (m/s², up, beside gravity) that follows the pilot's `climb` (m/s, up).
    @_noAllocation
    mutating func update(
        climb wanted: Float, height: Float, climb: Float, seconds: Float, integrates: Bool
    ) -> Float {
        reference = clamp(reference + wanted * seconds, height - Self.leash, height + Self.leash)
        let correction = clamp(
            Self.heightGain * (reference - height), -Self.correctionLimit, Self.correctionLimit)
        let error = wanted + correction - climb
        if integrates {
            let next = integral + Self.integrating * error * seconds
            integral = clamp(next, -Self.integralLimit, Self.integralLimit)
        }
        return clamp(Self.climbGain * error + integral, Self.down, Self.up)
    }

    @_noAllocation
    mutating func rest(height: Float) {
        reference = height
        integral = 0
    }
}
