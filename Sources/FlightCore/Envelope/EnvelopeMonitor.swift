package import CContract
internal import Contract

/// Says when the flight has left the states from which the way back is known to recover.
package struct EnvelopeMonitor: BitwiseCopyable, Sendable {
    /// How long a limit must be exceeded, s: noise and the estimator's transients are shorter.
    private static let needed: Float = 0.06

    private let tiltMax: Float
    private let rateMax: Float
    private let descentMax: Float
    private var seconds: Float = 0

    package init(_ board: da_board) {
        tiltMax = board.tilt_max
        rateMax = board.rate_max
        descentMax = board.descent_max
    }

    /// - Parameters:
    ///   - state: the core's own view.
    ///   - rate: norm of the body rates, rad/s.
    ///   - period: s.
    /// - Returns: whether the envelope is left.
    @_noAllocation
    package mutating func step(_ state: StateFilter, rate: Float, period: Float) -> Bool {
        let outside = state.tilt > tiltMax || rate > rateMax || -state.climb > descentMax
        seconds = outside ? seconds + period : 0
        return seconds >= Self.needed
    }

    @_noAllocation
    package mutating func reset() { seconds = 0 }
}
