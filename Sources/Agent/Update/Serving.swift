internal import CContract
internal import CPlatform
internal import Contract
internal import Foundation
internal import Handover
internal import Logging

/// `droneagent serve`: recovery, then requests until the task is cancelled.
extension FlightAgent {
    /// Runs the agent until the task is cancelled; `ready` is called when the command line can connect.
    ///
    /// - Throws: `Fault` when its socket cannot be bound.
    package nonisolated func serve(ready: @escaping @Sendable () -> Void = {}) async throws(Fault) {
        let listening = Task { await listen() }
        let isOwing = await owesRecovery()
        let recovering = Task { if isOwing { await recover() } }
        let server = AgentServer(path: directories.agentSocket, logger: logger) { request, progress in
            await self.handle(request, progress)
        }
        var failure: Fault?
        do throws(Fault) { try await server.run(ready: ready) } catch { failure = error }
        recovering.cancel()
        queue.shutdown()
        listening.cancel()
        await connections.shutdown()
        if let failure { throw failure }
    }

    /// Whether a former agent left something; if so nothing else begins before it is settled.
    func owesRecovery() -> Bool {
        let isOwing = (try? journal.instances().isEmpty) != true || (try? journal.unfinished()) != nil
        if isOwing { isBusy = "The agent takes up what was under way" }
        return isOwing
    }

    /// Takes up what a former agent left: queues of the instances, and the update that was under way. Without the
    /// core's word nothing is stopped, so it is waited for.
    func recover() async {
        defer { isBusy = nil }
        guard let instances = try? journal.instances(), let status = await awaitCore() else { return }
        for instance in instances where status.instance(named: instance.name) != nil {
            await reopen(instance.name)
        }
        if let unfinished = try? journal.unfinished() { await settle(unfinished, status) }
        guard run == nil else { return }
        for instance in (try? journal.instances()) ?? [] { await tidy(instance) }
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

    /// What neither owns nor is warm is left over. A running owner that the core does not serve is one whose core
    /// was restarted: it is attached again.
    private func tidy(_ instance: InstanceRecord) async {
        guard let status = try? core.status() else { return }
        let served = status.instance(named: instance.name).map { InstanceRole(rawValue: $0.role) ?? .listening }
        let held = served == nil ? try? await engine().container(ContainerPlan.name(of: instance.name)) : nil
        switch Leftover.judge(
            role: FlightRole(rawValue: instance.role), served: served, isRunning: held?.state.isRunning == true)
        {
        case .keep: return
        case .stop: await stopInstance(instance.name)
        case .attach:
            ask(.operation(.attach, name: instance.name, directory: directories.instance(instance.name)))
            await reopen(instance.name)
        }
    }

    private func settle(_ update: UpdateRecord, _ status: da_status) async {
        let id = update.id ?? 0
        let word = CoreWord(status)
        func end(_ outcome: Outcome, _ sentence: String) {
            try? journal.end(id, outcome: outcome.rawValue, reason: sentence, time: Date().timeIntervalSince1970)
            logger.info("recovered", metadata: ["update": "\(update.reference)", "outcome": "\(outcome.rawValue)"])
        }
        switch Recovery.judge(
            phase: HandoverPhase(rawValue: update.phase) ?? .pulling, owner: update.owner, candidate: update.candidate,
            word)
        {
        case .resume:
            let request = HandoverRequest(owner: update.owner, candidate: update.candidate, isDryRun: false)
            guard let reference = try? Reference(update.reference, running: nil) else { return }
            run = UpdateRun(
                machine: .resumed(request, policy: policy, now: da_now()), request: request, reference: reference,
                isAgain: false, id: id, progress: { _ in }, end: nil)
            run?.image = update.image.flatMap { try? JSONDecoder().decode(ResolvedImage.self, from: Data($0.utf8)) }
            observe()
        case .finish:
            try? journal.setRole(.owner, of: update.candidate)
            await stopInstance(update.owner)
            end(.updated, "The agent was restarted after the switch; the new version flies.")
        case .undo(let outcome):
            ask(.operation(.cancel))
            // Before the cancel the core may have switched: then the next look finds a probation.
            guard await stopInstance(update.candidate) else { return await recover() }
            if word.owner == update.owner { try? journal.setRole(.owner, of: update.owner) }
            end(outcome.kind, outcome.sentence)
        }
    }
}
