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
        await recover()
        let server = AgentServer(path: directories.agentSocket, logger: logger) { request, progress in
            await self.handle(request, progress)
        }
        do {
            try await server.run(ready: ready)
        } catch {
            queue.shutdown()
            listening.cancel()
            throw error
        }
        queue.shutdown()
        listening.cancel()
        await connections.shutdown()
    }

    /// Takes up what a former agent left: queues of the instances, and the update that was under way.
    func recover() async {
        guard let instances = try? journal.instances(), !instances.isEmpty else { return }
        let status = try? core.status()
        for instance in instances where status?.instance(named: instance.name) != nil {
            do { try await queue.open(instance: instance.name, path: directories.queueSocket(instance.name)) } catch {
                logger.error("queue", metadata: ["instance": "\(instance.name)", "why": "\(error)"])
            }
        }
        let owner = status?.owner.map { text($0.name) }
        if let update = try? journal.unfinished() { await settle(update, owner, status?.in_probation == 1) }
        // What neither owns nor is warm after that is left over.
        for instance in (try? journal.instances()) ?? [] {
            let held = (try? core.status())?.instance(named: instance.name)
            let flies = held?.role == InstanceRole.owner.rawValue || held?.role == InstanceRole.standby.rawValue
            if status != nil, !flies, run == nil { await stopInstance(instance.name) }
        }
    }

    private func settle(_ update: UpdateRecord, _ owner: String?, _ inProbation: Bool) async {
        let id = update.id ?? 0
        func end(_ outcome: Outcome, _ sentence: String) {
            try? journal.end(id, outcome: outcome.rawValue, reason: sentence, time: Date().timeIntervalSince1970)
            logger.info("recovered", metadata: ["update": "\(update.reference)", "outcome": "\(outcome.rawValue)"])
        }
        switch Recovery.judge(update, owner: owner, inProbation: inProbation) {
        case .resume:
            let request = HandoverRequest(owner: update.owner, candidate: update.candidate, isDryRun: false)
            guard let reference = try? Reference(update.reference, running: nil) else { return }
            run = UpdateRun(
                machine: .resumed(request, policy: policy, now: da_now()), request: request, reference: reference,
                isAgain: false, id: id, progress: { _ in }, end: nil)
            observe()
        case .finish:
            await stopInstance(update.owner)
            try? journal.setRole(.owner, of: update.candidate)
            end(.updated, "The agent was restarted after the switch; the new version flies.")
        case .undo(let outcome, let sentence):
            await stopInstance(update.candidate)
            end(outcome, sentence)
        }
    }
}
