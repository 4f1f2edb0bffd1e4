internal import FoundationEssentials
internal import Handover
internal import Synchronization

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
    /// Hears each line of progress.
    var progress: @Sendable (AgentLine) -> Void
    /// What `status` says of it.
    var news: UpdateNews
    /// Of the command that waits for the end; nil after a restart of the agent.
    var end: CheckedContinuation<AgentLine, Never>?
    /// CLOCK_MONOTONIC ns of the last progress line of a phase that only takes time.
    var lastProgress: UInt64 = 0
    /// When the phase began.
    var phaseBegan: UInt64 = 0
}

/// The newest of an update's lines. A pull tells its lines from another thread than the agent's.
final class UpdateNews: Sendable {
    private let newest: Mutex<UpdateReport>

    init(_ reference: Reference) { newest = Mutex(UpdateReport("\(reference)", at: Self.now())) }

    func take(_ line: AgentLine) { newest.withLock { $0.take(line, at: Self.now()) } }

    var report: UpdateReport { newest.withLock { $0 } }

    /// ms since 1970.
    private static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
