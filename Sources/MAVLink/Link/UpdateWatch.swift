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
            take(status?.update)
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

    private func take(_ report: UpdateReport?) {
        let update = report.map(UpdateNews.Update.init)
        content.withLock { content in
            content.isBusy = update.map { $0.end == nil } ?? false
            content.lines += content.news.take(update)
            content.lines = Array(content.lines.prefix(Self.linesMax))
        }
    }
}

extension UpdateNews.Update {
    fileprivate init(_ report: UpdateReport) {
        self.init(
            id: report.id, reference: report.reference, phases: report.phases,
            end: report.outcome.map { _ in report.text ?? "no reason was given." },
            isGood: report.outcome == .updated || report.outcome == .done)
    }
}
