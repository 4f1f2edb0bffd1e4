/// Limits of an update, each with its unit and reason.
package struct HandoverPolicy: Equatable, Sendable {
    /// Hz, the core's.
    package var tickRate: Double = 500
    /// Ticks between two cuts: 50 cuts a second keep the candidate's state fresher than a rotor's and a body's
    /// time constants, at a few KB.
    package var cutInterval: UInt32 = 10
    /// Cuts that may be unacknowledged: a fifth of a second, then cuts are skipped, never queued.
    package var cutWindow: UInt32 = 10
    /// Two hops of the queue and a round of the agent, s.
    package var hopSeconds: Double = 0.02
    /// Bytes a second that the queue is assumed to carry, until an update has shown less.
    package var queueBytesPerSecond: Double = 50e6
    /// A rehearsal's container starts, and watches samples meanwhile; then half a minute in the model goes by, s.
    package var startSeconds: Double = 0.5
    package var modelSeconds: Double = 1
    /// How long the candidate must be seen in step, without a missed deadline, s.
    package var shadowSeconds: Double = 2
    /// How long the old owner stays warm behind the new one, s.
    package var probationSeconds: Double = 5
    /// RMS of the difference of motor commands over a second, 0 to 1. Another structure may differ; five times the
    /// difference between two good controllers in gusts is none.
    package var divergenceLimit: Float = 0.15
    /// The same as angular acceleration, rad/s². A vehicle of this size can do some 200.
    package var angularLimit: Float = 120
    /// Where the candidate's effect over the owner's must lie on each axis, the owner having moved it enough to tell.
    /// Two sound controllers of other structures lie at 0.95 to 2.34 in manoeuvres; a wrong sign below 0.
    package var gainRange: ClosedRange<Float> = 0.4...2.8
    /// Behind its window: how long a candidate may answer too strongly until it is refused, s; as long as the comparison
    /// remembers. One of some seventy real updates of a sound version came to 3.0 for a moment.
    package var strongSeconds: Double = 2
    /// Late answers that the candidate may have over the shadow window: a host's stall is not its fault.
    package var lateLimit: UInt64 = 5
    /// Ticks within which a granted switch must find the candidate in step.
    package var switchTicks: UInt32 = 500
    /// States in which a switch is not begun: rad, rad/s.
    package var switchTiltLimit: Float = 0.8
    package var switchRateLimit: Float = 5

    /// Longest stay in each phase, s; its end means: keep the old one.
    package var pullLimit: Double = 600
    package var verifyLimit: Double = 20
    package var startLimit: Double = 30
    package var planLimit: Double = 10
    package var rehearseLimit: Double = 20
    package var syncLimit: Double = 20
    /// Beyond that, how many times the planned time of the channels in blocks; with it at most so many s.
    package var syncFactor: Double = 4
    package var syncLimitMax: Double = 300
    package var shadowLimit: Double = 30
    package var switchLimit: Double = 10
    package var commitLimit: Double = 15
    package var undoLimit: Double = 30
    /// Beyond probation: how long the core's word is waited for.
    package var silenceLimit: Double = 10

    package init() {}
}
