internal import Contract
internal import FlightKit

/// Height to climb to vertical acceleration: P around PI.
struct HeightLoop: ChannelLayout {
    /// m above the datum, the height to hold; the pilot's climb rate moves it.
    var reference: Float = 0
    /// m/s², up: what it takes to hover beside the nominal thrust.
    var integral: Float = 0

    /// 1/s: height closes with a second's time constant, slower than the barometer's noise.
    private static var heightGain: Float { 1.2 }
    /// 1/s: climb closes in a quarter of a second, ten rotor lags.
    private static var climbGain: Float { 3.5 }
    /// 1/s².
    private static var integrating: Float { 2 }
    /// m/s²: a battery that sags by a third of its thrust.
    private static var integralLimit: Float { 4 }
    /// m: the height to hold is never farther from the real one, so that nothing winds up on the ground.
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
        let correction = Self.heightGain * (reference - height)
        let error = wanted + clamp(correction, -Self.correctionLimit, Self.correctionLimit) - climb
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
