internal import CContract
internal import CPlatform
internal import Contract
internal import FoundationEssentials
internal import Handover
internal import Logging

/// `droneagent serve`: recovery, then requests until the task is cancelled.
extension FlightAgent {
    static let takingUp = "The agent takes up what was under way"

    /// Runs the agent until the task is cancelled.
    ///
    /// - Parameters:
    ///   - boots: whether it starts the committed version where nothing flies (`boot`), now or behind a core that begins anew.
    ///   - ready: called when the command line can connect.
    /// - Throws: `Fault` when its socket cannot be bound.
    package nonisolated func serve(boots: Bool = false, ready: @escaping @Sendable () -> Void = {}) async throws(Fault)
    {
        let listening = Task { await listen() }
        let isOwing = await owesRecovery()
        let recovering = Task {
            if isOwing { await recover() }
            if boots { await boot() }
            await watchFlight(boots: boots)
        }
        let living = Task { await giveSigns() }
        let filming = Task { await film() }
        let server = AgentServer(path: directories.agentSocket, logger: logger) { request, progress in
            await self.handle(request, progress)
        }
        var failure: Fault?
        do throws(Fault) {
            try await server.run {
                _ = da_service_tell("READY=1")
                ready()
            }
        } catch { failure = error }
        living.cancel()
        filming.cancel()
        recovering.cancel()
        queue.shutdown()
        listening.cancel()
        await connections.shutdown()
        if let failure { throw failure }
    }

    /// Tells systemd that the agent is alive, as often as it wants: from the agent's own queue, so that one that is stuck
    /// gives no sign and is started again. The flight does not notice.
    private func giveSigns() async {
        let interval = da_service_interval()
        while interval > 0, !Task.isCancelled {
            _ = da_service_tell("WATCHDOG=1")
            try? await Task.sleep(for: .nanoseconds(Int64(interval)))
        }
    }

    /// Whether a former agent left something; if so nothing else begins before it is settled.
    func owesRecovery() -> Bool {
        let isOwing = (try? journal.instances().isEmpty) != true || (try? journal.unfinished()) != nil
        if isOwing { isBusy = Self.takingUp }
        return isOwing
    }

    /// Takes up what a former agent left: queues of the instances, and the update that was under way. Without the
    /// core's word nothing is stopped, so it is waited for.
    func recover() async {
        guard let instances = try? journal.instances(), let status = await awaitCore() else { return }
        for instance in instances where status.instance(named: instance.name) != nil {
            await reopen(instance.name)
        }
        while let unfinished = try? journal.unfinished(), let status = await awaitCore() {
            if await settle(unfinished, CoreWord(status)) { break }
            await wait()
        }
        guard run == nil else {
            isBusy = nil
            return
        }
        await clearUp()
    }

    /// At the end of an update something may be left, for the core or the engine was away.
    func clearUpIfOwing() {
        guard !isInOrder else { return }
        isBusy = "The agent clears up what the last update has left"
        let ending = step
        Task {
            await ending?.value
            await clearUp()
        }
    }

    private var isInOrder: Bool {
        guard let instances = try? journal.instances() else { return true }
        return Leftover.isNothing(roles: instances.map { FlightRole(rawValue: $0.role) })
    }

    /// Looks after each container that the journal knows, until they are in order: what the engine or the core does not
    /// allow now is tried again, once a second.
    func clearUp() async {
        defer { isBusy = nil }
        while !Task.isCancelled {
            if let status = try? core.status() {
                if Leftover.mustGoBack(CoreWord(status)) {
                    ask(.operation(.rollback))
                } else {
                    await tidy(status)
                }
            }
            if isInOrder { return }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// The core's status, waited for until the task is cancelled.
    private func awaitCore() async -> da_status? {
        while !Task.isCancelled {
            do { return try core.status() } catch {
                logger.warning("recovery waits for the core", metadata: ["why": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return nil
    }

    private func reopen(_ name: String) async {
        do { try await queue.open(instance: name, path: directories.queueSocket(name)) } catch {
            logger.error("queue", metadata: ["instance": "\(name)", "why": "\(error)"])
        }
    }

    private func tidy(_ status: da_status) async {
        var all: [Leftover.Instance] = []
        for instance in (try? journal.instances()) ?? [] {
            let name = ContainerPlan.name(of: instance.name)
            all.append(
                Leftover.Instance(
                    name: instance.name, role: FlightRole(rawValue: instance.role),
                    isServed: status.instance(named: instance.name) != nil,
                    isRunning: try? await engine().container(name)?.state.isRunning ?? false))
        }
        for one in all {
            guard let word = coreWord() else { return }
            switch Leftover.judge(one, of: all, word) {
            case .keep: break
            case .adopt: try? journal.setRole(.owner, of: one.name)
            case .stop: await stopInstance(one.name)
            case .attach:
                ask(.operation(.attach, name: one.name, directory: directories.instance(one.name)))
                await reopen(one.name)
                try? journal.setRole(.owner, of: one.name)
            }
        }
    }

    /// Returns whether it is settled, or taken up again; otherwise the core must be asked once more.
    private func settle(_ update: UpdateRecord, _ word: CoreWord) async -> Bool {
        let id = update.id ?? 0
        func end(_ outcome: HandoverOutcome, _ sentence: String, _ committed: ResolvedImage? = nil) {
            try? journal.end(
                id, outcome: outcome.kind.rawValue, reason: sentence, time: Date().timeIntervalSince1970,
                committed: committed)
            logger.info(
                "recovered", metadata: ["update": "\(update.reference)", "outcome": "\(outcome.kind.rawValue)"])
        }
        switch Recovery.judge(
            phase: HandoverPhase(rawValue: update.phase) ?? .pulling, owner: update.owner, candidate: update.candidate,
            word)
        {
        case .resume:
            let request = HandoverRequest(owner: update.owner, candidate: update.candidate, isDryRun: false)
            guard let reference = try? Reference(update.reference, running: nil) else { return true }
            let news = UpdateNews(reference)
            run = UpdateRun(
                machine: .resumed(request, policy: policy, now: da_now()), request: request, reference: reference,
                isAgain: false, id: id, progress: news.take, news: news, end: nil)
            run?.image = update.resolved
            observe()
        case .finish:
            try? journal.setRole(.owner, of: update.candidate)
            await stopInstance(update.owner)
            end(.updated, "The agent was restarted after the switch; the new version flies.", update.resolved)
        case .askRollback:
            ask(.operation(.rollback))
            return false
        case .undo(let outcome):
            ask(.operation(.cancel))
            // Before the cancel the core may have switched: then the next look finds a probation.
            guard Ending.mayStop(update.candidate, coreWord()) else { return false }
            await stopInstance(update.candidate)
            try? journal.setRole(.owner, of: update.owner)
            end(outcome, outcome.sentence)
        }
        return true
    }
}
