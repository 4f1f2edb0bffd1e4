internal import CContract
internal import CPlatform
internal import Contract
internal import FoundationEssentials
internal import Handover
internal import Logging
internal import Rehearsal

/// Before a candidate shadows, another container of its image flies the vehicle model from the present state. It gets
/// the samples that the core sends, the owner's state, and then the model's samples, all by the wire contract; its
/// commands move the model and nothing else.
extension FlightAgent {
    func rehearse() async throws {
        guard let run, let image = run.image else { return }
        let name = run.request.candidate + Directories.rehearsalSuffix
        let watchFolder = directories.instance(name) + "-watch"
        var watch: SampleWatch?
        do {
            let began = da_now()
            // Written down before the core hears of it: an agent that dies in between would leave it a slot for ever.
            try journal.save(InstanceRecord(name: name, image: image, role: .candidate, container: nil))
            let (stage, opened) = try openStage(name, watchFolder)
            watch = opened
            let verdict = try await withTaskCancellationHandler {
                try await startInstance(name, image, role: .candidate, isServed: false)
                try await onThread("rehearsal") { () throws(Fault) in try stage.welcome(opened.welcome) }
                return try await fly(stage, opened, name)
            } onCancel: {
                stage.end()
            }
            await closeStage(name, watch, watchFolder)
            if let fault = verdict.fault {
                throw Fault("The new version failed its rehearsal: \(fault); the old version flies on.")
            }
            let seconds = Double(da_now() &- began) / 1e9
            self.run?.progress(
                .progress(
                    HandoverPhase.rehearsing.rawValue,
                    "It flew \(verdict.figures.count) vehicles in the model within \((seconds * 10).rounded() / 10) s.")
            )
            feed(.rehearsed)
        } catch {
            let words = Task.isCancelled ? "" : await rehearsalsWords(name)
            await closeStage(name, watch, watchFolder)
            guard !words.isEmpty, let fault = error as? Fault else { throw error }
            throw Fault("\(fault.sentence) Its container's last words: \(words)")
        }
    }

    /// What the container wrote last, before it is gone: why it did not take a state, for instance.
    private func rehearsalsWords(_ name: String) async -> String {
        guard let engine = try? await engine() else { return "" }
        return await engine.lastWords(ContainerPlan.name(of: name))
    }

    /// The container's tick socket and the agent's own ear at the core.
    private func openStage(_ name: String, _ watchFolder: String) throws -> (RehearsalStage, SampleWatch) {
        for folder in [directories.instance(name), watchFolder] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let stage = try RehearsalStage(directory: directories.instance(name))
        try core.perform(.operation(.attach, name: name, directory: watchFolder))
        return (stage, try SampleWatch(directory: watchFolder))
    }

    private func closeStage(_ name: String, _ watch: SampleWatch?, _ watchFolder: String) async {
        watch?.end()
        // Not cut short by a cancellation: what was begun is taken down.
        await Task { await self.dropRehearsal(name) }.value
        for folder in [directories.instance(name), watchFolder] { try? FileManager.default.removeItem(atPath: folder) }
    }

    private func dropRehearsal(_ name: String) async {
        // Killed, not asked: nothing of it is worth a second's wait.
        try? await engine().kill(ContainerPlan.name(of: name))
        await stopInstance(name)
    }

    /// s of the phase that are left to the flight in the model.
    private static let modelTime = 10.0

    /// s until the container has said on its queue what it needs.
    private static let introduceLimit = 10.0

    /// Waits for the container's end of its queue: what is sent before is dropped, and an owner sends its blocks once.
    private func introduced(_ name: String) async throws {
        let end = da_now() + UInt64(Self.introduceLimit * 1e9)
        while needs[name] == nil {
            guard da_now() < end else {
                throw Fault(
                    "The new version did not say on its queue what it needs within \(Int(Self.introduceLimit)) s of its rehearsal; look at its log."
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The owner's state goes to it as it comes (`hear`), until it flies the model.
    private func fly(_ stage: RehearsalStage, _ watch: SampleWatch, _ name: String) async throws -> RehearsalVerdict {
        guard let run else { throw Fault("The update is over.") }
        let (owner, policy) = (run.request.owner, run.machine.policy)
        try await introduced(name)
        rehearsal = name
        let wanted = run.machine.blocksWanted
        if !wanted.isEmpty { queue.send(.need(wanted), to: owner) }
        queue.send(.stream(interval: policy.cutInterval, window: policy.cutWindow), to: owner)
        defer {
            queue.send(.stream(interval: 0, window: 0), to: owner)
            rehearsal = nil
        }
        let overture = Overture(
            welcome: watch.welcome, limit: run.machine.rehearseLimit - Self.modelTime, next: { watch.next(after: $0) },
            status: { [core] () throws(Fault) in
                do { return try core.status() } catch { throw Fault(error, while: "Asking the core") }
            })
        return try await onThread("rehearsal") { () throws(Fault) in try overture.fly(on: stage) }
    }
}
