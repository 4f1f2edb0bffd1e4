internal import Agent
internal import CPlatform
internal import Synchronization

/// Asks the agent how it is, and keeps its newest word: the view does not wait for it.
///
/// Less often than the core is asked, for the agent asks the engine in turn.
final class AgentNews: Sendable {
    /// Between two questions; more often while an update is under way, for some phases are short.
    private static let idleInterval = Duration.seconds(1)
    private static let busyInterval = Duration.milliseconds(250)
    /// An agent that is silent for so long hangs, ns.
    private static let patience: UInt64 = 5_000_000_000

    private struct Word {
        var report: StatusReport?
        var fault: String?
        /// ns, monotonic.
        var time: UInt64
    }

    private let word = Mutex(Word(time: da_now()))

    /// Asks until the task is cancelled.
    func follow(_ directories: Directories) async {
        let agent = AgentClient(path: directories.agentSocket)
        while !Task.isCancelled {
            let isBusy = await ask(agent)
            try? await Task.sleep(for: isBusy ? Self.busyInterval : Self.idleInterval)
        }
    }

    /// Returns whether an update is under way.
    private func ask(_ agent: AgentClient) async -> Bool {
        var next = Word(time: 0)
        do throws(AgentClient.Failure) {
            let answer = try await agent.ask(AgentRequest(.status)) { _ in }
            next.report = answer.status
            next.fault = answer.status == nil ? answer.text : nil
        } catch { next.fault = error.description }
        next.time = da_now()
        word.withLock { [next] in $0 = next }
        return next.report?.phase != nil
    }

    /// What the agent said last.
    var newest: (report: StatusReport?, fault: String?) {
        let word = word.withLock { $0 }
        let silence = da_now() - word.time
        guard silence >= Self.patience else { return (word.report, word.fault) }
        return (
            nil,
            "The agent has been silent for \(silence / 1_000_000_000) s; look at its log ('journalctl -u droneagent')."
        )
    }
}
