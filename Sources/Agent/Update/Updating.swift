internal import CContract
internal import CPlatform
internal import Contract
internal import FoundationEssentials
internal import Handover
internal import Logging

/// Runs the machine's actions and feeds it what comes of them.
extension FlightAgent {
    /// Between two looks at the core: ten ticks at 500 Hz.
    private static let look = Duration.milliseconds(20)
    /// ns between two progress lines of one phase.
    private static let progressPause: UInt64 = 500_000_000

    /// One update. `known`: the image, where it needs no registry to be found.
    func update(
        _ request: AgentRequest, to known: ResolvedImage? = nil,
        _ progress: @escaping @Sendable (AgentLine) -> Void
    ) async -> AgentLine {
        guard isBusy == nil, run == nil else { return .result(.refused, busySentence) }
        if let refusal = await passGate(request, progress) { return .result(.refused, refusal) }
        do {
            let status = try core.status()
            guard let owner = status.owner.map({ text($0.name) }) else {
                throw Fault("No flight container owns the motors; start the first one with 'droneagent start REF'.")
            }
            guard status.in_probation == 0 else { throw Fault("A probation runs in the core; wait until it is over.") }
            guard let running = try journal.instance(owner) else {
                throw Fault(
                    "The owner \(owner) was not started by this agent, so its image is not known and it cannot be updated; land, and start its image with 'droneagent start REF'."
                )
            }
            let reference = try Reference(request.reference ?? "", running: Reference(running.reference, running: nil))
            let name = try freeName()
            let id = try journal.begin(
                UpdateRecord(
                    reference: "\(reference)", owner: owner, candidate: name, phase: HandoverPhase.pulling.rawValue,
                    begin: Date().timeIntervalSince1970), time: Date().timeIntervalSince1970)
            var policy = policy
            policy.tickRate = Double(max(1, status.tick_rate))
            if let blockRate { policy.queueBytesPerSecond = min(policy.queueBytesPerSecond, blockRate) }
            let wanted = HandoverRequest(
                owner: owner, candidate: name, isDryRun: request.dryRun ?? false, isForced: request.now ?? false)
            let news = UpdateNews(reference)
            return await withCheckedContinuation { end in
                run = UpdateRun(
                    machine: HandoverMachine(policy: policy), request: wanted, reference: reference,
                    isAgain: request.again ?? false, id: id, image: known,
                    progress: { line in
                        news.take(line)
                        progress(line)
                    }, news: news, end: end)
                feed(.requested(wanted))
                observe()
            }
        } catch {
            return .result(.refused, Fault(error, while: "The update").sentence)
        }
    }

    /// Looks at the core as long as an update is under way.
    func observe() {
        Task {
            while run != nil {
                if let status = try? core.status(), let run {
                    feed(.core(view(status, run.request)))
                } else {
                    feed(.time)
                }
                report()
                try? await Task.sleep(for: Self.look)
            }
        }
    }

    func view(_ status: da_status, _ request: HandoverRequest) -> CoreView {
        let candidate = status.instance(named: request.candidate)
        return CoreView(
            tick: status.tick, owner: status.owner.map { text($0.name) } ?? "",
            mode: FlightMode(rawValue: status.mode) ?? .failsafe, inProbation: status.in_probation != 0,
            switchPending: status.switch_pending != 0, cause: SwitchCause(rawValue: status.cause) ?? .none,
            switchTick: status.switch_tick, tilt: status.tilt, rate: status.rate, height: status.altitude,
            trouble: ArmingReasons(rawValue: status.arming_refused),
            candidate: candidate.map {
                CandidateView(
                    answeredTick: $0.answered_tick, inStepSince: $0.in_step_since, isSettled: $0.settled != 0,
                    late: $0.late, divergence: $0.divergence, angularDivergence: $0.rate_divergence,
                    gains: AxisGains($0.gain, known: $0.gain_known))
            })
    }

    /// Lets the machine take one event and carries out what it says.
    func feed(_ event: HandoverEvent) {
        guard run != nil else { return }
        for action in run?.machine.handle(event, now: da_now()) ?? [] { carryOut(action) }
    }

    private func carryOut(_ action: HandoverAction) {
        guard let run else { return }
        let (owner, candidate) = (run.request.owner, run.request.candidate)
        switch action {
        case .pull: attempt { try await self.pull() }
        case .verify: attempt { try await self.verify() }
        case .start: attempt { try await self.startCandidate() }
        case .rehearse: attempt { try await self.rehearse() }
        case .stream(let interval, let window): queue.send(.stream(interval: interval, window: window), to: owner)
        case .want(let needs): queue.send(.need(needs), to: owner)
        case .forwardBlocks: if let share { queue.send(.blocks(share), to: candidate) }
        case .forwardTaken(let piece): queue.send(.taken(piece: piece), to: owner)
        case .forwardCut(let tick):
            guard let cut = cuts[owner], cut.tick == tick else { return }
            queue.send(.cut(cut), to: candidate)
            queue.send(.acknowledge(tick: tick), to: owner)
        case .requestSwitch(let ticks): attempt { await self.requestSwitch(to: candidate, within: ticks) }
        case .cancelSwitch: ask(.operation(.cancel))
        case .commit: ask(.operation(.commit))
        case .rollback: ask(.operation(.rollback))
        case .stopOld: end { await self.stopOld(run.request) }
        case .stopCandidate: end { await self.stopCandidate(run.request) }
        case .planned(let plan): announce(plan)
        case .entered(let phase): enter(phase)
        case .finished(let outcome): finish(outcome)
        }
    }

    /// Work that takes its time; a failure becomes the machine's event.
    private func attempt(_ work: @escaping () async throws -> Void) {
        let id = run?.id
        step?.cancel()
        step = Task {
            do { try await work() } catch {
                // Who cancelled it knows how the update ends.
                if run?.id == id, !Task.isCancelled { feed(.failed(Fault(error, while: "The update").sentence)) }
            }
        }
    }

    /// Work that ends the update: a pull or start that is still at work is cancelled, its end awaited.
    private func end(_ work: @escaping () async -> Void) {
        let id = run?.id
        let former = step
        former?.cancel()
        step = Task {
            await former?.value
            await work()
            if run?.id == id { feed(.stopped) }
        }
    }

    /// Tells the core; what it refuses shows in its next status.
    func ask(_ request: da_request) {
        do { try core.perform(request) } catch { logger.warning("core", metadata: ["why": "\(error)"]) }
    }

    /// The candidate gets its priority of the probation first: it must not own below it for a single tick.
    private func requestSwitch(to candidate: String, within ticks: UInt32) async {
        if let cpus = ContainerPlan.switchCpus {
            do { try await engine().give(ContainerPlan.name(of: candidate), cpus: cpus) } catch {
                logger.warning("CPUs", metadata: ["instance": "\(candidate)", "why": "\(error)"])
            }
            // The update may have ended while the engine worked.
            guard !Task.isCancelled, run?.request.candidate == candidate else { return }
        }
        raise(candidate, .probation)
        do {
            try core.perform(.operation(.reserve))
            try core.perform(.operation(.switch, name: candidate, ticks: ticks))
        } catch {
            feed(.failed("The core does not switch: \(error)"))
        }
    }

    // MARK: Steps

    private func pull() async throws {
        guard let run, let owner = try journal.instance(run.request.owner) else { return }
        let image = if let known = run.image { known } else { try await registry.resolve(run.reference) }
        guard image.manifest != owner.manifest || run.isAgain else {
            throw Fault(
                "\(image.reference) is the image that flies already (\(image.manifest.short)); use --again to update to the same."
            )
        }
        self.run?.image = image
        try journal.resolve(run.id, image: String(decoding: jsonLine(image), as: UTF8.self))
        // A dry run fetches too: only then is it sure what the candidate needs.
        try await fetch(image, run.progress) { self.run?.pullBytes = $0 }
        feed(.pulled)
    }

    private func verify() async throws {
        guard let image = run?.image else { return }
        guard let held = try await engine().image(image.pullReference) else {
            throw Fault("The engine lost \(image.reference) after it was pulled; look at its disk.")
        }
        guard held.isSame(as: image) else {
            throw Fault(
                "The engine holds \(held.id) as \(image.pullReference), but its configuration is \(image.config); remove the image and try again."
            )
        }
        guard held.platform.runs(on: .machine) else {
            throw Fault("\(image.reference) is built for \(held.platform), this machine is \(Platform.machine).")
        }
        feed(.verified)
    }

    private func startCandidate() async throws {
        guard let run, let image = run.image else { return }
        let (owner, candidate) = (run.request.owner, run.request.candidate)
        try await startInstance(candidate, image, role: .candidate)
        // The update may have ended while the engine worked.
        guard self.run?.id == run.id, self.run?.machine.phase == .starting else {
            await stopInstance(candidate)
            return
        }
        feed(.started)
        if let list = offers[owner] { feed(.offered(list)) }
        if let list = needs[candidate] { feed(.needed(list)) }
    }

    // MARK: Reports

    private func announce(_ plan: HandoverPlan) {
        guard let run else { return }
        raise(run.request.candidate, .candidate)
        var line = AgentLine.progress(
            HandoverPhase.planning.rawValue,
            "\(plan.items.count) channels, \(plan.cutBytes) bytes a cut, about \(oneDecimal(plan.totalSeconds)) s.")
        line.plan = PlanReport(plan, run, camera: camera.path)
        run.progress(line)
    }

    private func enter(_ phase: HandoverPhase) {
        guard let run else { return }
        self.run?.phaseBegan = da_now()
        // A pull that nobody waits for any more ends with its connection.
        if phase == .undoing { step?.cancel() }
        if phase == .shadowing { noteSync(run) }
        if phase == .committing, let candidate = self.run?.request.candidate {
            try? journal.setRole(.owner, of: candidate)
            raise(candidate, .proven)
        }
        if phase == .probation { try? journal.setRole(.standby, of: run.request.owner) }
        if phase == .undoing, (try? journal.instance(run.request.owner))??.role == FlightRole.standby.rawValue {
            // A way back was taken: the old version flies as before.
            try? journal.setRole(.candidate, of: run.request.candidate)
            try? journal.setRole(.owner, of: run.request.owner)
            raise(run.request.candidate, .candidate)
        }
        // Its end is written with the outcome: in between, a restart must still see how far it had come.
        guard phase != .idle else { return }
        do {
            try journal.advance(run.id, phase: phase.rawValue, text: "", time: Date().timeIntervalSince1970)
        } catch { logger.error("journal", metadata: ["why": "\(error)"]) }
        logger.info("update", metadata: ["phase": "\(phase.rawValue)"])
        run.progress(.progress(phase.rawValue, phase.sentence))
    }

    /// How long the state took, for a person and for the next plan.
    private func noteSync(_ run: UpdateRun) {
        guard let plan = run.machine.plan, plan.blockBytes > 0, let seconds = run.machine.syncedIn else { return }
        let sent = run.machine.blockBytesForwarded
        var line = AgentLine.progress(
            HandoverPhase.syncing.rawValue,
            "\(sent) bytes in blocks went over in \(twoDecimals(seconds)) s; the plan said \(twoDecimals(plan.syncSeconds)) s."
        )
        line.sync = SyncReport(bytes: UInt64(sent), planned: plan.syncSeconds, took: seconds)
        run.progress(line)
        if sent >= Self.telling { blockRate = Double(sent) / max(seconds, 1e-3) }
    }
    /// Bytes: below that a transfer is over too soon to tell the queue's rate.
    private static let telling = 4 << 20

    /// How far the phases are that only take time.
    private func report() {
        guard let run, da_now() &- run.lastProgress > Self.progressPause else { return }
        let elapsed = (da_now() &- run.phaseBegan) / 1_000_000
        switch run.machine.phase {
        case .syncing where (run.machine.plan?.blockBytes ?? 0) > 0:
            run.progress(
                .progress(
                    "syncing", "Channels in blocks are handed over.", done: UInt64(run.machine.blockBytesForwarded),
                    total: UInt64(run.machine.plan?.blockBytes ?? 0), unit: "bytes"))
        case .syncing, .shadowing:
            run.progress(
                .progress(
                    run.machine.phase.rawValue,
                    "\(run.machine.cutsForwarded) cuts, \(run.machine.bytesForwarded) bytes handed over.",
                    done: elapsed,
                    total: UInt64(max(run.machine.policy.shadowSeconds, run.machine.plan?.shadowSeconds ?? 0) * 1000),
                    unit: "ms"))
        case .probation:
            run.progress(
                .progress(
                    "probation", "The old version is warm.", done: elapsed,
                    total: UInt64(run.machine.policy.probationSeconds * 1000), unit: "ms"))
        default: return
        }
        self.run?.lastProgress = da_now()
    }

    private func finish(_ outcome: HandoverOutcome) {
        guard let run else { return }
        let result = AgentLine(run.overruled ?? outcome, run, camera: camera.path)
        do {
            try journal.end(
                run.id, outcome: (result.outcome ?? .done).rawValue, reason: result.text,
                time: Date().timeIntervalSince1970, committed: result.outcome == .updated ? run.image : nil)
        } catch { logger.error("journal", metadata: ["why": "\(error)"]) }
        logger.info(
            "update ended", metadata: ["outcome": "\(result.outcome?.rawValue ?? "")", "why": "\(result.text)"])
        lastRun = run.news.report
        lastRun?.outcome = result.outcome
        lastRun?.text = result.text
        self.run = nil
        clearUpIfOwing()
        Task { await self.removeOldImages() }
        run.end?.resume(returning: result)
    }
}

private func twoDecimals(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

private func oneDecimal(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

extension AgentLine {
    /// The end of an update as its command hears it.
    fileprivate init(_ outcome: HandoverOutcome, _ run: UpdateRun, camera: String?) {
        switch outcome {
        case .updated: self = .result(.updated, "\(run.reference) flies as \(run.request.candidate).")
        case .planned(let plan):
            self = .result(.done, outcome.sentence)
            self.plan = PlanReport(plan, run, camera: camera)
        case .refused, .rolledBack, .rollbackFailed: self = .result(outcome.kind, outcome.sentence)
        }
    }
}

extension HandoverOutcome {
    var kind: Outcome {
        switch self {
        case .updated: .updated
        case .planned: .done
        case .refused: .refused
        case .rolledBack: .rolledBack
        case .rollbackFailed: .rollbackFailed
        }
    }

    var sentence: String {
        switch self {
        case .updated: "The new version flies."
        case .planned: "The plan stands; nothing was changed."
        case .refused(let sentence), .rolledBack(let sentence), .rollbackFailed(let sentence): sentence
        }
    }
}

extension PlanReport {
    fileprivate init(_ plan: HandoverPlan, pullBytes: UInt64) {
        self.init(
            channels: plan.items.map { item in
                Channel(
                    name: item.channel, kind: "\(item.kind)", bytes: item.bytes,
                    schema: item.schema.map { "\($0)\(item.migrates ? ", migrated" : "")" } ?? "not sent")
            },
            stateBytes: UInt64(plan.cutBytes), pullBytes: pullBytes, seconds: plan.totalSeconds,
            rehearsalSeconds: plan.rehearsalSeconds, syncSeconds: plan.syncSeconds, shadowSeconds: plan.shadowSeconds,
            notes: (plan.blockBytes == 0
                ? []
                : [
                    "\(plan.blockBytes) bytes in blocks go ahead of the first cut, in about \(twoDecimals(plan.syncSeconds)) s."
                ]) + plan.leftBehind.map { "The channel \($0) is left behind." })
    }
}

extension HandoverPhase {
    /// For people.
    fileprivate var sentence: String {
        switch self {
        case .idle: "Nothing is under way."
        case .pulling: "The image is fetched."
        case .verifying: "The image is checked."
        case .starting: "The new container starts beside the old one."
        case .planning: "Offer and need become a plan."
        case .rehearsing: "Another container of the image flies the vehicle model."
        case .syncing: "State flows to the new container."
        case .shadowing: "The new container answers the same samples; its commands are compared."
        case .ready: "The new container has proved itself."
        case .switching: "The core hands the motors over at a tick boundary."
        case .probation: "The new container flies; the old one is warm."
        case .committing: "The old container is stopped."
        case .undoing: "The update is undone; the old container flies on."
        }
    }
}

extension PlanReport {
    /// `camera`: what the agent was given; nil: none.
    fileprivate init(_ plan: HandoverPlan, _ run: UpdateRun, camera: String?) {
        self.init(plan, pullBytes: UInt64(run.pullBytes))
        guard run.image?.hasCamera == true else { return }
        notes.append(
            camera.map { "Its camera process starts behind the commit, and gets \($0) then." }
                ?? "Its camera process does not start, for this agent was given no camera (serve --camera).")
    }
}
