package import Contract

/// What motor commands do to the body: rad/s² about roll, pitch and yaw, and m/s² of thrust.
package typealias Effects = InlineArray<4, Float>

/// How strongly a shadow answers what makes the owner answer, axis by axis: the slope of the shadow's effects over
/// the owner's, by regression over about two seconds. 1: alike; -1: the wrong way; 2: twice as strong.
///
/// Both are smoothed first: how two controllers treat the gyro's noise says nothing about how they fly. While a motor of
/// either is at its end, yaw is left out: a mixer gives it up first there, and its effect is not what the controller wants.
package struct GainMeter: BitwiseCopyable, Sendable {
    /// 1/s: 8 Hz, above what an attitude loop does and below the rotors' shaking.
    private static var smoothing: Float { 50 }
    /// RMS of the owner's effects about their mean, below which there is nothing to compare: three times what
    /// sensor noise causes behind the smoothing in still air. rad/s², rad/s², rad/s², m/s².
    private static var least: Effects { [2, 2, 0.3, 0.4] }

    /// s, over the second of the comparison's weight: the whole time in shadow counts.
    private static var memory: Float { 2 }

    /// Of the axes of `Effects`.
    private static var yaw: Int { 2 }
    /// s behind a motor at its end: three times the smoothing's time, so that 5 % of it is left.
    private static var recovery: Float { 3 / smoothing }
    /// Of a motor's range, 0 to 1: nearer to an end than this is at the end.
    private static var margin: Float { 0.005 }

    private var owner = Effects(repeating: 0)
    private var shadow = Effects(repeating: 0)
    private var ownerMean = Effects(repeating: 0)
    private var shadowMean = Effects(repeating: 0)
    private var ownerSquare = Effects(repeating: 0)
    private var product = Effects(repeating: 0)
    /// s taken so far; s since a motor of either was at its end.
    private var seconds: Float = 0
    private var freeSeconds = Self.recovery

    @_noAllocation
    package init() {}

    /// The slope of each axis; 0 where `isExcited` is not.
    package var gain: Effects {
        @_noAllocation
        get {
            var result = Effects(repeating: 0)
            for axis in 0..<4 where isExcited(axis) { result[axis] = product[axis] / ownerSquare[axis] }
            return result
        }
    }

    /// Whether the owner has moved this axis enough to tell.
    @_noAllocation
    package func isExcited(_ axis: Int) -> Bool { ownerSquare[axis] > Self.least[axis] * Self.least[axis] }

    /// One bit for each axis that can be told.
    package var excited: UInt8 {
        @_noAllocation
        get {
            var bits: UInt8 = 0
            for axis in 0..<4 where isExcited(axis) { bits |= 1 << UInt8(axis) }
            return bits
        }
    }

    /// One tick's effects of both; `isFree`: no motor of either is at its end. `weight` is 1/ticks of a second.
    @_noAllocation
    package mutating func take(shadow newShadow: Effects, owner newOwner: Effects, isFree: Bool, weight: Float) {
        guard seconds > 0 else {
            (owner, shadow, ownerMean, shadowMean) = (newOwner, newShadow, newOwner, newShadow)
            seconds = weight
            return
        }
        seconds += weight
        freeSeconds = isFree ? freeSeconds + weight : 0
        let yawCounts = freeSeconds >= Self.recovery
        let follow = lesser(1, Self.smoothing * weight)
        // Over all so far until there is a second of it: the first tick alone is no mean.
        let meanFollow = greater(weight, weight / seconds)
        for axis in 0..<4 {
            owner[axis] += (newOwner[axis] - owner[axis]) * follow
            shadow[axis] += (newShadow[axis] - shadow[axis]) * follow
            ownerMean[axis] += (owner[axis] - ownerMean[axis]) * meanFollow
            shadowMean[axis] += (shadow[axis] - shadowMean[axis]) * meanFollow
            guard axis != Self.yaw || yawCounts else { continue }
            let (x, y) = (owner[axis] - ownerMean[axis], shadow[axis] - shadowMean[axis])
            ownerSquare[axis] += (x * x - ownerSquare[axis]) * (weight / Self.memory)
            product[axis] += (x * y - product[axis]) * (weight / Self.memory)
        }
    }

    /// Whether no motor is at an end of its range, of which `idle` is the lower.
    @_noAllocation
    package static func isFree(_ motors: Motors, idle: Float) -> Bool {
        for motor in 0..<4 where !(motors[motor] > idle + margin && motors[motor] < 1 - margin) { return false }
        return true
    }
}
