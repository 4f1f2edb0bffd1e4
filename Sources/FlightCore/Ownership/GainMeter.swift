import Contract

/// What motor commands do to the body: rad/s² about roll, pitch and yaw, and m/s² of thrust.
package typealias Effects = InlineArray<4, Float>

/// How strongly a shadow answers what makes the owner answer, axis by axis: the slope of the shadow's effects over
/// the owner's, by regression over about two seconds. 1: alike; -1: the wrong way; 2: twice as strong.
///
/// Both are smoothed first: how two controllers treat the gyro's noise says nothing about how they fly.
package struct GainMeter: BitwiseCopyable, Sendable {
    /// 1/s: 8 Hz, above what an attitude loop does and below the rotors' shaking.
    private static var smoothing: Float { 50 }
    /// RMS of the owner's effects about their mean, below which there is nothing to compare: three times what
    /// sensor noise causes behind the smoothing in still air. rad/s², rad/s², rad/s², m/s².
    private static var least: Effects { [2, 2, 0.3, 0.4] }

    /// s, over the second of the comparison's weight: the whole time in shadow counts.
    private static var memory: Float { 2 }

    private var owner = Effects(repeating: 0)
    private var shadow = Effects(repeating: 0)
    private var ownerMean = Effects(repeating: 0)
    private var shadowMean = Effects(repeating: 0)
    private var ownerSquare = Effects(repeating: 0)
    private var product = Effects(repeating: 0)
    private var hasBegun = false

    package init() {}

    /// The slope of each axis; 0 where `isExcited` is not.
    package var gain: Effects {
        var result = Effects(repeating: 0)
        for axis in 0..<4 where isExcited(axis) { result[axis] = product[axis] / ownerSquare[axis] }
        return result
    }

    /// Whether the owner has moved this axis enough to tell.
    package func isExcited(_ axis: Int) -> Bool { ownerSquare[axis] > Self.least[axis] * Self.least[axis] }

    /// One bit for each axis that can be told.
    package var excited: UInt8 {
        var bits: UInt8 = 0
        for axis in 0..<4 where isExcited(axis) { bits |= 1 << UInt8(axis) }
        return bits
    }

    /// One tick's effects of both. `weight` is 1/ticks of a second.
    @_noAllocation
    package mutating func take(shadow newShadow: Effects, owner newOwner: Effects, weight: Float) {
        guard hasBegun else {
            (owner, shadow, ownerMean, shadowMean) = (newOwner, newShadow, newOwner, newShadow)
            hasBegun = true
            return
        }
        let follow = lesser(1, Self.smoothing * weight)
        for axis in 0..<4 {
            owner[axis] += (newOwner[axis] - owner[axis]) * follow
            shadow[axis] += (newShadow[axis] - shadow[axis]) * follow
            ownerMean[axis] += (owner[axis] - ownerMean[axis]) * weight
            shadowMean[axis] += (shadow[axis] - shadowMean[axis]) * weight
            let (x, y) = (owner[axis] - ownerMean[axis], shadow[axis] - shadowMean[axis])
            ownerSquare[axis] += (x * x - ownerSquare[axis]) * (weight / Self.memory)
            product[axis] += (x * y - product[axis]) * (weight / Self.memory)
        }
    }
}
