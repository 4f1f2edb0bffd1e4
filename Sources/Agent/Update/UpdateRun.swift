internal import Handover

/// The update under way: the machine, and what its shell must remember between an action and its event.
package struct UpdateRun {
    var machine: HandoverMachine
    var request: HandoverRequest
    var reference: Reference
    var isAgain: Bool
    /// Number in the journal.
    var id: Int64
    var image: ResolvedImage?
    /// Bytes that had to be pulled.
    var pullBytes = 0
    /// What came of it although the machine could not see it: a commit that the core had just overtaken.
    var overruled: HandoverOutcome?
    var progress: @Sendable (AgentLine) -> Void
    /// Of the command that waits for the end; nil after a restart of the agent.
    var end: CheckedContinuation<AgentLine, Never>?
    /// CLOCK_MONOTONIC ns of the last progress line of a phase that only takes time.
    var lastProgress: UInt64 = 0
    /// When the phase began.
    var phaseBegan: UInt64 = 0
}
