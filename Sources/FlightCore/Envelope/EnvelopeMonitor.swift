package import CContract
internal import Contract

/// Says when the flight has left the states from which the way back is known to recover.
package struct EnvelopeMonitor: BitwiseCopyable, Sendable {
    /// How far out.
    package enum Verdict: Comparable, Sendable {
        case inside
        /// For long enough to give control back to who is warm: that costs nothing.
        case left
        /// For long enough to end the flight by the failsafe: a bus that hung for a moment is no fault of the owner's.
        case leftForLong
    }

    /// How long a rate or a tilt must be exceeded, s. A push of all motors' makes 200 rad/s² and more, so that a way back
    /// may not wait: three readings are no spike of the chip's, and the tilt, integrated from them, follows none.
    private static let needed: Float = 0.006
    private static let neededForLong: Float = 0.03
    /// The climb is the estimator's, whose transients are shorter than this.
    private static let descentNeeded: Float = 0.06

    private let tiltMax: Float
    private let rateMax: Float
    private let descentMax: Float
    private var turnSeconds: Float = 0
    private var descentSeconds: Float = 0

    package init(_ board: da_board) {
        tiltMax = board.tilt_max
        rateMax = board.rate_max
        descentMax = board.descent_max
    }

    /// - Parameters:
    ///   - state: the core's own view.
    ///   - rate: norm of the body rates, rad/s.
    ///   - period: s.
    /// - Returns: how far the envelope is left.
    @_noAllocation
    package mutating func step(_ state: StateFilter, rate: Float, period: Float) -> Verdict {
        turnSeconds = rate > rateMax || state.tilt > tiltMax ? turnSeconds + period : 0
        descentSeconds = -state.climb > descentMax ? descentSeconds + period : 0
        // Sums of periods are a little off.
        let half = period / 2
        if descentSeconds + half >= Self.descentNeeded || turnSeconds + half >= Self.neededForLong {
            return .leftForLong
        }
        return turnSeconds + half >= Self.needed ? .left : .inside
    }

    @_noAllocation
    package mutating func reset() { (turnSeconds, descentSeconds) = (0, 0) }
}
