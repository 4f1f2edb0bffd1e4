package import Contract

/// The handover protocol: event in, actions out, time as an argument (CLOCK_MONOTONIC ns). No I/O.
///
/// An event that does not belong to the present phase changes nothing: messages may be late, doubled or lost.
package struct HandoverMachine: Sendable {
    package private(set) var phase = HandoverPhase.idle
    package private(set) var request: HandoverRequest?
    package private(set) var plan: HandoverPlan?
    package private(set) var cutsForwarded = 0
    package private(set) var bytesForwarded = 0
    /// Of channels in blocks; and how long it took until the first cut was applied, s.
    package private(set) var blockBytesForwarded = 0
    package private(set) var syncedIn: Double?
    /// Ticks of the newest cut forwarded, and of the newest that the candidate has applied; 0: none.
    package private(set) var lastCut: UInt64 = 0
    package private(set) var lastApplied: UInt64 = 0
    package let policy: HandoverPolicy

    // Read by the explorer, which must tell two states apart.
    package private(set) var enteredAt: UInt64 = 0
    package private(set) var offers: [ChannelOffer]?
    package private(set) var needs: [ChannelNeed]?
    package private(set) var isStarted = false
    package private(set) var candidateSaysReady = false
    package private(set) var windowSince: UInt64?
    package private(set) var windowLate: UInt64 = 0
    /// Tick of the newest view of the core; older ones are late messages.
    package private(set) var newestView: UInt64 = 0
    /// Whether the core was seen with this switch pending, or without the mark of an older one that expired.
    package private(set) var mayHaveExpired = false
    /// Why a ready candidate is not switched to yet; nil: it would be.
    package private(set) var objection: String?
    /// What the update ends with once the undoing is done.
    package private(set) var pendingOutcome: HandoverOutcome?

    package init(policy: HandoverPolicy) { self.policy = policy }

    /// Takes up an update whose switch was made before the agent died: probation begins anew, so that the old
    /// owner stays warm for the whole of it.
    package static func resumed(
        _ request: HandoverRequest, policy: HandoverPolicy, now: UInt64
    ) -> HandoverMachine {
        var machine = HandoverMachine(policy: policy)
        machine.request = request
        machine.phase = .probation
        machine.enteredAt = now
        return machine
    }

    package mutating func handle(_ event: HandoverEvent, now: UInt64) -> [HandoverAction] {
        switch event {
        case .requested(let request): begin(request, now)
        case .pulled: phase == .pulling ? enter(.verifying, now) + [.verify] : []
        case .verified: phase == .verifying ? enter(.starting, now) + [.start] : []
        case .started: started(now)
        case .offered(let offers): offered(offers, now)
        case .needed(let needs): needed(needs, now)
        case .rehearsed: phase == .rehearsing ? sync(now) : []
        case .cutArrived(let tick, let bytes): cutArrived(tick, bytes)
        case .blocksArrived(let bytes): blocksArrived(bytes)
        case .blocksTaken(let piece): takesCuts ? [.forwardTaken(piece: piece)] : []
        case .applied(let tick): applied(tick, now)
        case .candidateReady(let tick): candidateReady(tick)
        case .core(let view): watch(view, now)
        case .exited(let instance, let how): exited(instance, how, now)
        case .failed(let sentence): failed(sentence, now)
        case .rollbackRequested: rollbackRequested(now)
        case .stopped: stopped(now)
        case .time: checkTime(now)
        }
    }

    // MARK: Before the switch

    private mutating func begin(_ request: HandoverRequest, _ now: UInt64) -> [HandoverAction] {
        guard phase == .idle else { return [] }
        self = HandoverMachine(policy: policy)
        self.request = request
        return enter(.pulling, now) + [.pull]
    }

    private mutating func started(_ now: UInt64) -> [HandoverAction] {
        guard phase == .starting else { return [] }
        isStarted = true
        return planIfKnown(now)
    }

    private mutating func offered(_ offers: [ChannelOffer], _ now: UInt64) -> [HandoverAction] {
        self.offers = offers
        return planIfKnown(now)
    }

    private mutating func needed(_ needs: [ChannelNeed], _ now: UInt64) -> [HandoverAction] {
        guard phase == .starting || phase == .planning else { return [] }
        self.needs = needs
        return planIfKnown(now)
    }

    private mutating func planIfKnown(_ now: UInt64) -> [HandoverAction] {
        var actions: [HandoverAction] = []
        if phase == .starting, isStarted, needs != nil { actions += enter(.planning, now) }
        guard phase == .planning, let offers, let needs, let request else { return actions }
        do {
            let plan = try HandoverPlan(offers: offers, needs: needs, policy: policy)
            self.plan = plan
            actions.append(.planned(plan))
            if request.isDryRun { return actions + undo(.planned(plan), now) }
            return actions + enter(.rehearsing, now) + [.rehearse]
        } catch {
            return actions + undo(.refused(error.description), now)
        }
    }

    /// What the candidate needs of channels in blocks, as far as the plan has them.
    package var blocksWanted: [ChannelNeed] {
        (needs ?? []).filter { need in
            plan?.items.contains { $0.form == .blocks && $0.channel == need.name } == true
        }
    }

    private mutating func sync(_ now: UInt64) -> [HandoverAction] {
        let wanted = blocksWanted
        return enter(.syncing, now) + (wanted.isEmpty ? [] : [.want(wanted)])
            + [.stream(interval: policy.cutInterval, window: policy.cutWindow)]
    }

    private mutating func cutArrived(_ tick: UInt64, _ bytes: Int) -> [HandoverAction] {
        guard takesCuts, tick > lastCut else { return [] }
        lastCut = tick
        cutsForwarded += 1
        bytesForwarded += bytes
        return [.forwardCut(tick: tick)]
    }

    private mutating func blocksArrived(_ bytes: Int) -> [HandoverAction] {
        guard takesCuts else { return [] }
        blockBytesForwarded += bytes
        return [.forwardBlocks]
    }

    private var takesCuts: Bool {
        switch phase {
        case .syncing, .shadowing, .ready, .switching: true
        case .idle, .pulling, .verifying, .starting, .planning, .rehearsing, .probation, .committing, .undoing: false
        }
    }

    private mutating func applied(_ tick: UInt64, _ now: UInt64) -> [HandoverAction] {
        // What was never forwarded cannot have been applied.
        guard takesCuts, tick <= lastCut, tick > lastApplied else { return [] }
        lastApplied = tick
        guard phase == .syncing else { return [] }
        syncedIn = Self.seconds(enteredAt, now)
        return enter(.shadowing, now)
    }

    private mutating func candidateReady(_ tick: UInt64) -> [HandoverAction] {
        if phase == .shadowing, tick > 0, tick <= lastCut { candidateSaysReady = true }
        return []
    }

    private var isBeforeSwitch: Bool {
        switch phase {
        case .pulling, .verifying, .starting, .planning, .rehearsing, .syncing, .shadowing, .ready, .switching: true
        case .idle, .probation, .committing, .undoing: false
        }
    }

    // MARK: What the core says

    private mutating func watch(_ view: CoreView, _ now: UInt64) -> [HandoverAction] {
        guard let request else { return [] }
        // A late view says what was: acting on it could stop the version that flies now.
        guard view.tick >= newestView else { return checkTime(now) }
        newestView = view.tick
        if isBeforeSwitch, !request.isForced, UpdateGate.isBatterySpent(view) {
            return undo(
                .refused("The battery is low, so the update is undone; the old version flies on, land and charge."), now
            )
        }
        // Nobody is left whose state could go over, and the agent has another container to start.
        if isBeforeSwitch, view.owner.isEmpty, view.mode == .failsafe {
            return undo(
                .refused(
                    "The running version lost the motors to the built-in failsafe, so the update is undone; the "
                        + "agent starts a container again, its log says why the other one died."), now)
        }
        switch phase {
        case .shadowing: return judge(view, now)
        case .ready:
            // Until it owns it may still go mad.
            if let sentence = view.candidate.flatMap(policy.unlike) { return undo(.refused(sentence), now) }
            objection = request.isForced ? UpdateGate.modeObjection(view) : objection(to: view)
            guard objection == nil else { return checkTime(now) }
            mayHaveExpired = view.cause != .expired
            return enter(.switching, now) + [.requestSwitch(ticks: policy.switchTicks)]
        case .switching:
            if view.owner == request.candidate { return enter(.probation, now) + [.stream(interval: 0, window: 0)] }
            if let sentence = view.candidate.flatMap(policy.unlike) { return undo(.refused(sentence), now) }
            if view.switchPending { mayHaveExpired = true }
            if mayHaveExpired, !view.switchPending, view.cause == .expired {
                return undo(
                    .refused(
                        "The candidate was not in step at any tick boundary in time; the old version flies on, try again when the machine has less to do."
                    ),
                    now)
            }
            return checkTime(now)
        case .probation:
            if view.owner == request.candidate {
                return Self.seconds(enteredAt, now) >= policy.probationSeconds
                    ? enter(.committing, now) + [.commit, .stopOld] : []
            }
            if view.owner == request.owner {
                return undo(.rolledBack("The core gave control back to the old version (\(view.cause))."), now)
            }
            // The new owner's socket has closed, and the way back comes at the next boundary.
            if view.owner.isEmpty, view.inProbation { return checkTime(now) }
            return undo(
                .rollbackFailed("Neither version owns the motors (\(view.cause)); the built-in failsafe flies."), now)
        case .idle, .pulling, .verifying, .starting, .planning, .rehearsing, .syncing, .committing, .undoing:
            return checkTime(now)
        }
    }

    /// The agent's own eyes: in step, settled, no deadline missed and not far off for the whole window.
    private mutating func judge(_ view: CoreView, _ now: UInt64) -> [HandoverAction] {
        guard let candidate = view.candidate, candidate.inStepSince > 0, view.tick &- candidate.answeredTick <= 2 else {
            windowSince = nil
            return checkTime(now)
        }
        guard let since = windowSince, candidate.late &- windowLate <= policy.lateLimit else {
            windowSince = now
            windowLate = candidate.late
            return checkTime(now)
        }
        let seconds = Self.seconds(since, now)
        let window = max(policy.shadowSeconds, plan?.shadowSeconds ?? 0)
        guard seconds >= window else { return checkTime(now) }
        if let sentence = policy.unlike(candidate) {
            if policy.isOnlyStrong(candidate), seconds < window + policy.strongSeconds { return checkTime(now) }
            return undo(.refused(sentence), now)
        }
        guard candidate.isSettled, candidateSaysReady else { return checkTime(now) }
        return enter(.ready, now) + watch(view, now)
    }

    /// Why the switch must wait: what the gate says, or the middle of something wild.
    private func objection(to view: CoreView) -> String? {
        if let first = UpdateGate.objections(view).first { return first }
        // What is no number is no small one.
        let isCalm = view.tilt <= policy.switchTiltLimit && view.rate <= policy.switchRateLimit
        return isCalm ? nil : "it is tilted or turns too much"
    }

    // MARK: Failures and ends

    private mutating func exited(_ instance: String, _ how: String, _ now: UInt64) -> [HandoverAction] {
        guard let request, phase != .idle, phase != .undoing, phase != .committing else { return [] }
        if instance == request.candidate {
            // In probation the core has noticed at the socket before us; its word follows.
            if phase == .probation { return [] }
            return undo(
                .refused("The new version's container ended by itself (\(how)); the old version flies on."), now)
        }
        if instance == request.owner, phase == .probation { return [] }
        return []
    }

    private mutating func failed(_ sentence: String, _ now: UInt64) -> [HandoverAction] {
        switch phase {
        case .idle: return []
        case .pulling, .verifying, .starting, .planning, .rehearsing, .syncing, .shadowing, .ready, .switching:
            return undo(.refused(sentence), now)
        case .probation: return []
        // What flies is decided already; a container that cannot be stopped must not hold up the end.
        case .committing, .undoing: return stopped(now)
        }
    }

    private mutating func rollbackRequested(_ now: UInt64) -> [HandoverAction] {
        switch phase {
        case .idle, .committing, .undoing: []
        case .pulling, .verifying, .starting, .planning, .rehearsing, .syncing, .shadowing, .ready, .switching:
            undo(.refused("The update was called off; the old version flies on."), now)
        case .probation: [.rollback]
        }
    }

    private mutating func stopped(_ now: UInt64) -> [HandoverAction] {
        switch phase {
        case .committing: return finish(.updated, now)
        case .undoing: return finish(pendingOutcome ?? .refused("The update was undone."), now)
        default: return []
        }
    }

    /// A time-out always means: keep the old one (invariant 8).
    private mutating func checkTime(_ now: UInt64) -> [HandoverAction] {
        let seconds = Self.seconds(enteredAt, now)
        func late(_ limit: Double, _ what: String, _ advice: String) -> [HandoverAction] {
            guard seconds > limit else { return [] }
            return undo(.refused("\(what) within \(Int(limit)) s; the old version flies on, \(advice)."), now)
        }
        switch phase {
        case .idle: return []
        case .pulling: return late(policy.pullLimit, "The image could not be pulled", "look at network and registry")
        case .verifying:
            return late(policy.verifyLimit, "The image could not be checked", "look at network and registry")
        case .starting:
            return late(
                policy.startLimit, "The new version did not start and say what it needs on its handover queue",
                "start its image by itself and look at its log")
        case .planning:
            return late(policy.planLimit, "The running version did not say what it offers", "look at its log")
        case .rehearsing: return late(rehearseLimit, "The new version's rehearsal did not end", "mend its controller")
        case .syncing: return late(syncLimit, "The new version did not take over the state", "look at its log")
        case .shadowing:
            return late(
                policy.shadowLimit, "The new version did not prove itself in shadow",
                "look at what 'droneagent status' counts as late and dropped, and at its log")
        case .ready:
            let why = objection.map { " (\($0))" } ?? ""
            return late(
                policy.switchLimit, "The flight did not become calm enough\(why) for the switch",
                "try again when it does")
        case .switching: return late(policy.switchLimit, "The core did not switch", "try again")
        case .probation:
            // Time alone proves nothing: only the core's word ends it well (`watch`).
            guard seconds > policy.probationSeconds + policy.silenceLimit else { return [] }
            return [.rollback]
                + undo(
                    .rollbackFailed(
                        "The core has not said since the switch which version owns the motors; both are left running."),
                    now)
        case .committing: return seconds > policy.commitLimit ? finish(.updated, now) : []
        case .undoing:
            return seconds > policy.undoLimit ? finish(pendingOutcome ?? .refused("The update was undone."), now) : []
        }
    }

    /// Grow with the state, up to a bound: in a rehearsal all of it goes over, too.
    package var rehearseLimit: Double { min(policy.rehearseLimit + blockTime, policy.syncLimitMax) }
    private var syncLimit: Double { min(policy.syncLimit + blockTime, policy.syncLimitMax) }
    private var blockTime: Double { policy.syncFactor * (plan.map { Double($0.blockBytes) / $0.blockRate } ?? 0) }

    /// The way back that leaves the old version as it is (invariant 6).
    private mutating func undo(_ outcome: HandoverOutcome, _ now: UInt64) -> [HandoverAction] {
        let wasSwitching = phase == .switching
        let wasStreaming = takesCuts
        let mayHaveStarted = phase != .pulling && phase != .verifying
        pendingOutcome = outcome
        var actions = enter(.undoing, now)
        if wasSwitching { actions.append(.cancelSwitch) }
        if wasStreaming { actions.append(.stream(interval: 0, window: 0)) }
        // A failed way back leaves the new version as it is: it may be all that is left.
        if case .rollbackFailed = outcome { return actions + finish(outcome, now) }
        return mayHaveStarted ? actions + [.stopCandidate] : actions + finish(outcome, now)
    }

    private mutating func finish(_ outcome: HandoverOutcome, _ now: UInt64) -> [HandoverAction] {
        request = nil
        return enter(.idle, now) + [.finished(outcome)]
    }

    private mutating func enter(_ next: HandoverPhase, _ now: UInt64) -> [HandoverAction] {
        phase = next
        enteredAt = now
        return [.entered(next)]
    }

    private static func seconds(_ from: UInt64, _ to: UInt64) -> Double { to > from ? Double(to - from) / 1e9 : 0 }
}
