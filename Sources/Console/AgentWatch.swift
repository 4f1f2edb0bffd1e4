package import Agent
internal import CContract
internal import Contract

/// Asks the agent what it does, and passes on what the page asks of it.
///
/// A process of its own asks over the socket of the command line: trouble here is none of the agent's.
package actor AgentWatch {
    /// Between two questions; more often while an update is under way, for some phases are short.
    private static let idleInterval = Duration.seconds(1)
    private static let busyInterval = Duration.milliseconds(250)

    private let agent: AgentClient
    private let core: CoreClient
    private let feed: Feed
    /// What the page has asked for and has not ended yet.
    private var running: String?

    package init(agent: AgentClient, core: CoreClient, feed: Feed) {
        self.agent = agent
        self.core = core
        self.feed = feed
    }

    // MARK: What it does

    /// Asks until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: feed.state.update?.isOver == false ? Self.busyInterval : Self.idleInterval)
        }
    }

    package func look() async {
        do throws(AgentClient.Failure) {
            let answer = try await agent.ask(AgentRequest(.status)) { _ in }
            guard var report = answer.status else { return lose(answer.text) }
            report.core = nil
            follow(report)
        } catch { lose(error.description) }
    }

    private func follow(_ report: StatusReport) {
        let time = wallClock()
        let isFollowing = running != nil
        let isBack = feed.state.agentFault != nil && feed.state.agent == nil
        var ended: String?
        feed.change { state in
            state.agent = report
            state.agentFault = nil
            guard !isFollowing else { return }
            if let update = report.update {
                // It has ended since the agent was asked.
                if let ended = state.update?.ended, update.began <= ended { return }
                // Another one may have begun since the last look.
                if state.update?.isOver != false || state.update?.began != update.began {
                    state.update = Timeline("update to \(printable(update.reference))", at: update.began)
                }
                state.update?.take(update)
            } else if state.update?.isOver == false {
                ended = report.lastUpdate ?? "The update has ended."
                state.update?.end(nil, ended ?? "", at: time)
            }
        }
        if isBack { feed.add(.note, "The agent answers.", at: time) }
        if let ended { feed.add(.note, "Update ended: \(ended)", at: time) }
    }

    private func lose(_ sentence: String) {
        if feed.state.agentFault != sentence { feed.add(.fault, sentence, at: wallClock()) }
        feed.change { state in
            state.agent = nil
            state.agentFault = sentence
        }
    }

    // MARK: What the page asks

    /// Plans an update and changes nothing.
    ///
    /// - Throws: `Refusal` when the agent is away.
    package func plan(_ reference: String) async throws(Refusal) -> AgentLine {
        do throws(AgentClient.Failure) {
            var plan: PlanReport?
            let feed = feed
            var result = try await agent.ask(AgentRequest(.update, reference: reference, dryRun: true)) { line in
                plan = line.plan ?? plan
                feed.add(.note, "Dry run: \(line.text)", at: wallClock())
            }
            result.plan = result.plan ?? plan
            return result
        } catch { throw Refusal(502, error.description) }
    }

    /// Begins an update; how it goes on is told to all pages.
    ///
    /// - Throws: `Refusal` while one that the console has begun is under way.
    package func update(to reference: String) throws(Refusal) {
        try begin("update to \(printable(reference))", AgentRequest(.update, reference: reference))
    }

    /// Calls the update off, or goes back to the version before. The core is asked itself when the agent is away.
    ///
    /// - Returns: what was done, one sentence.
    /// - Throws: `Refusal` when neither answers, or neither can.
    package func rollback() async throws(Refusal) -> AgentLine {
        let feed = feed
        do throws(AgentClient.Failure) {
            let result = try await agent.ask(AgentRequest(.rollback)) { line in
                feed.add(.note, line.text, at: wallClock())
            }
            feed.add(result.outcome == .refused ? .fault : .note, result.text, at: wallClock())
            return result
        } catch {
            guard case .unreachable(let why) = error else { throw Refusal(502, error.description) }
            do { try await onExecutor { [core] in try core.perform(.operation(.rollback)) } } catch {
                throw Refusal(502, "\(why) \(error)")
            }
            let sentence = "\(why) The flight core itself was asked to roll back and does."
            feed.add(.note, sentence, at: wallClock())
            return .result(.done, sentence)
        }
    }

    private func begin(_ title: String, _ request: AgentRequest) throws(Refusal) {
        if let running {
            throw Refusal(409, "The console's \(running) is still under way; wait for its end or roll it back.")
        }
        running = title
        let start = wallClock()
        feed.change { $0.update = Timeline(title, at: start) }
        feed.add(.note, "Asked for: \(title).", at: start)
        Task { await follow(request) }
    }

    private func follow(_ request: AgentRequest) async {
        let feed = feed
        func take(_ line: AgentLine) {
            let time = wallClock()
            var isNews = false
            feed.change { state in
                isNews = state.update?.steps.last?.text != line.text
                state.update?.take(line, at: time)
            }
            // A phase counts its bytes and ticks up many times a second: the log has each sentence once.
            if isNews { feed.add(line.outcome == .refused ? .fault : .note, line.text, at: time) }
        }
        do throws(AgentClient.Failure) {
            take(try await agent.ask(request, progress: take))
        } catch {
            feed.change { $0.update?.end(nil, error.description, at: wallClock()) }
            feed.add(.fault, error.description, at: wallClock())
        }
        running = nil
    }

    /// Off Swift's own pool: the core may take half a second to answer.
    private func onExecutor(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await Blocking.shared.run(work)
    }

    private actor Blocking {
        static let shared = Blocking()
        private nonisolated let executor = BlockingExecutor(label: "console.core")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func run(_ work: @Sendable () throws -> Void) throws { try work() }
    }
}
