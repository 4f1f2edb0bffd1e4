internal import CContract
internal import CPlatform
internal import Contract
internal import Foundation
internal import Handover
internal import Logging
internal import Rehearsal

/// Before a candidate shadows, another container of its image flies the vehicle model from the present state. It gets
/// the samples that the core sends, the owner's state, and then the model's samples, all by the wire contract; its
/// commands move the model and nothing else.
extension FlightAgent {
    /// Behind the candidate's name.
    private static let suffix = "-rehearsal"
    /// s that samples are watched at most before it begins: what a candidate wants to watch beyond that stays cold.
    private static let watchLimit = 4.0
    /// s for the owner's cut, and for the core's word behind it.
    private static let cutLimit = 2.0
    /// Ticks that the cut must be old, so that it has time to be taken over, and samples at least.
    private static let cutAge: UInt64 = 40
    private static let samplesMin = 300
    /// Between two looks.
    private static let pause = Duration.milliseconds(5)
    /// A stall of the machine is no verdict: so many attempts.
    private static let attempts = 2

    func rehearse() async throws {
        guard let run, let image = run.image else { return }
        let name = run.request.candidate + Self.suffix
        let watchFolder = directories.instance(name) + "-watch"
        var watch: SampleWatch?
        do {
            let began = da_now()
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
            await closeStage(name, watch, watchFolder)
            throw error
        }
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

    private func fly(_ stage: RehearsalStage, _ watch: SampleWatch, _ name: String) async throws -> RehearsalVerdict {
        var last: any Error = Fault("The rehearsal was not flown.")
        for _ in 0..<Self.attempts {
            try Task.checkCancellation()
            do {
                let overture = try await overture(watch)
                return try await onThread("rehearsal") { [queue] () throws(Fault) in
                    try overture.fly(on: stage) { queue.send(.cut($0), to: name) }
                }
            } catch {
                last = error
            }
        }
        throw last
    }

    /// The present: what the core sends, and what the owner knows.
    private func overture(_ watch: SampleWatch) async throws -> Overture {
        guard let run, let plan = run.machine.plan else { throw Fault("The update is over.") }
        let owner = run.request.owner
        let rate = Double(watch.welcome.tick_rate)
        let settle = plan.items.map(\.settleSeconds).max() ?? 0
        let wanted = max(Self.samplesMin, Int(min(settle, Self.watchLimit) * rate) + Int(Self.cutAge))
        // Long enough for the candidate, and then a cut that is not older than that.
        try await wait(Self.watchLimit + 1) { watch.run(upTo: watch.newest).count + 50 >= wanted }
        let asked = try core.status().tick
        queue.send(
            .stream(interval: run.machine.policy.cutInterval, window: run.machine.policy.cutWindow), to: owner)
        defer { queue.send(.stream(interval: 0, window: 0), to: owner) }
        try await wait(Self.cutLimit) { (cuts[owner]?.tick ?? 0) > asked }
        guard let cut = cuts[owner] else { throw Fault("The running version's state did not come.") }
        try await wait(Self.cutLimit) { watch.newest >= cut.tick + Self.cutAge }
        let status = try core.status()
        try await wait(Self.cutLimit) { watch.newest >= status.tick }
        let samples = Array(watch.run(upTo: status.tick).suffix(wanted))
        guard let last = samples.last, samples.contains(where: { $0.tick == cut.tick }) else {
            throw Fault("The machine was too busy for a rehearsal: the core's samples came with gaps. Try again.")
        }
        return Overture(
            samples: samples, cut: cut,
            start: RehearsalStart(
                vehicle: watch.welcome.vehicle, tickRate: Int(watch.welcome.tick_rate), sample: last,
                roll: status.roll, pitch: status.pitch, climb: status.climb))
    }

    private func wait(_ seconds: Double, until isSo: () -> Bool) async throws {
        let end = da_now() &+ UInt64(seconds * 1e9)
        while !isSo() {
            guard da_now() < end else {
                throw Fault("The rehearsal did not get the core's samples and the running version's state in time.")
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}
