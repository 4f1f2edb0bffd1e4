package import Contract

/// Notices that the vehicle stands after a descent.
///
/// While it sinks, thrust balances weight; on the ground the controller, asked to sink on, takes thrust away
/// without sinking. Both signs together, long enough that a gust cannot fake them, are the touchdown.
package struct TouchdownDetector: BitwiseCopyable, Sendable {
    /// Part of hover thrust under which the controller has given up.
    private static let thrustShare: Float = 0.6
    /// m/s: slower than this is no descent.
    private static let climbLimit: Float = 0.25
    /// s: the longest lull that a gust made in simulated flights was 0.2 s.
    private static let needed: Float = 0.5

    private var seconds: Float = 0
    private let hoverSquare: Float

    /// - Parameter hoverCommand: motor command at which thrust equals weight.
    package init(hoverCommand: Float) { hoverSquare = hoverCommand * hoverCommand }

    /// - Returns: whether it stands.
    @_noAllocation
    package mutating func step(motors: Motors, climb: Float, descending: Bool, period: Float) -> Bool {
        var sum: Float = 0
        for motor in 0..<4 { sum += motors[motor] * motors[motor] }
        let weak = sum / 4 < Self.thrustShare * hoverSquare
        let still = climb > -Self.climbLimit && climb < Self.climbLimit
        seconds = descending && weak && still ? seconds + period : 0
        return seconds >= Self.needed
    }

    @_noAllocation
    package mutating func reset() { seconds = 0 }
}
