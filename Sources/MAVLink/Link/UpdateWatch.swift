internal import Agent
internal import Synchronization

/// Asks the agent how the update goes, and keeps its news until they are sent.
final class UpdateWatch: Sendable {
    /// Between two questions; more often while an update is under way, so that a phase is told while it lasts.
    private static let idleInterval = Duration.seconds(1)
    private static let busyInterval = Duration.milliseconds(250)
    /// More than an update has phases; what comes beyond is lost.
    private static let linesMax = 64

    private struct Content {
        var news = UpdateNews()
        var lines: [UpdateNews.Line] = []
        var isBusy = false
    }

    private let agent: AgentClient
    private let content = Mutex(Content())

    init(agent: AgentClient) { self.agent = agent }

    /// Asks until the task is cancelled. The flight needs no agent: one that is away is no news.
    func run() async {
        while !Task.isCancelled {
            let status = try? await agent.ask(AgentRequest(.status)) { _ in }.status
            take(ended: status?.ended, running: status?.update)
            let isBusy = content.withLock { $0.isBusy }
            try? await Task.sleep(for: isBusy ? Self.busyInterval : Self.idleInterval)
        }
    }

    func takeLines() -> [UpdateNews.Line] {
        content.withLock { content in
            defer { content.lines = [] }
            return content.lines
        }
    }

    private func take(ended: UpdateReport?, running: UpdateReport?) {
        content.withLock { content in
            content.isBusy = running != nil
            content.lines += content.news.take(
                ended: ended.map(UpdateNews.Update.init), running: running.map(UpdateNews.Update.init))
            content.lines = Array(content.lines.prefix(Self.linesMax))
        }
    }
}

extension UpdateNews.Update {
    fileprivate init(_ report: UpdateReport) {
        self.init(
            began: report.began, reference: report.reference, phases: report.steps.map(\.phase),
            end: report.outcome.map { _ in report.text ?? "no reason was given." },
            isGood: report.outcome == .updated || report.outcome == .done)
    }
}
