import Airframe
import Contract
import FlightCore
import FlightKit
import Handover
import Shadow
import Simulator

/// What the agent's shell does, as `FlightAgent` does it.
extension CampaignFlight {
    private static let names = CampaignAgent.names
    /// Works of one call, at most; the rest is done in the next.
    private static let roundLimit = 64
    private static let request = HandoverRequest(owner: names[0], candidate: names[1], isDryRun: false)

    /// For the report: the phase of the update.
    var phaseName: String {
        guard let phase = agent.phase else { return "before" }
        if agent.outcome != nil { return "after" }
        return agent.machine?.phase.rawValue ?? (agent.isAlive ? phase.rawValue : "agent dead")
    }

    func agentActs() {
        passCuts()
        guard agent.isAlive else {
            guard now >= agent.restartAt else { return }
            agent.isAlive = true
            later(.recover)
            return
        }
        let asked = pilot.manoeuvresBegin + plan.updateAt
        if agent.phase == nil, Double(now) / 1e9 >= asked, core.arbiter.owner == 0 { begin() }
        for _ in 0..<Self.roundLimit {
            guard agent.isAlive, let index = agent.works.firstIndex(where: { $0.at <= now }) else { break }
            carryOut(agent.works.remove(at: index).work)
        }
        if agent.machine != nil { feed(word() == nil ? .time : .core(view())) }
        clearUpIfOwing()
    }

    private func begin() {
        agent.phase = .pulling
        agent.machine = HandoverMachine(policy: plan.policy)
        feed(.requested(Self.request))
    }

    private func later(_ work: CampaignAgent.Work, _ delay: UInt64 = 0) { agent.works.append((now + delay, work)) }

    func agentHears(_ event: HandoverEvent, after milliseconds: UInt64) {
        if agent.isAlive { later(.hear(event), milliseconds * 1_000_000) }
    }

    /// One thing outside of itself; false: it is dead.
    private func acts() -> Bool {
        guard agent.isAlive else { return false }
        guard agent.fuse > 0 else {
            die()
            return false
        }
        if agent.fuse != CampaignAgent.endless { agent.fuse -= 1 }
        return true
    }

    private func die() {
        var next = CampaignAgent()
        (next.phase, next.outcome, next.roles) = (agent.phase, agent.outcome, agent.roles)
        (next.isStreaming, next.cutsOnTheWay, next.random) = (agent.isStreaming, agent.cutsOnTheWay, agent.random)
        next.isAlive = false
        let death = plan.faults.indices.first { plan.faults[$0].kind == .agentDeath && strikes[$0] != nil }
        next.restartAt = now + UInt64(death.map { plan.faults[$0].milliseconds } ?? 0) * 1_000_000
        agent = next
    }

    // MARK: Queue

    /// ns that a message takes; nil: it is lost.
    private func hop() -> UInt64? {
        let usual = UInt64(agent.random.uniform(CampaignAgent.hop.lowerBound, CampaignAgent.hop.upperBound))
        if isActive(.queueLoss) { return nil }
        return usual + (isActive(.queueDelay) ? 500_000_000 : 0)
    }

    private func send(_ event: HandoverEvent) { if let hop = hop() { later(.hear(event), hop) } }

    /// Cuts between owner, agent and candidate, each ten ticks at most. One that nobody asked for is dropped.
    private func passCuts() {
        if agent.isStreaming, let owner = containers[0], !owner.isHung, core.tick % 10 == 0, let hop = hop(),
            agent.isAlive, agent.machine != nil
        {
            var cut = owner.container.cut()
            if isActive(.wrongSchema) {
                cut = StateCut(
                    tick: cut.tick,
                    channels: cut.channels.map { ChannelState(name: $0.name, schema: $0.schema + 40, bytes: $0.bytes) })
            }
            later(.takeCut(cut), hop)
        }
        guard let first = agent.cutsOnTheWay.first, first.at <= now else { return }
        agent.cutsOnTheWay.removeFirst()
        guard let candidate = containers[1], !candidate.isHung else { return }
        switch candidate.container.apply(first.cut) {
        case .applied:
            send(.applied(tick: first.cut.tick))
            if candidate.container.isSettled { send(.candidateReady(tick: first.cut.tick)) }
        case .early: agent.cutsOnTheWay.insert(first, at: 0)
        case .old, .unreadable, .refusedAsOwner: break
        }
    }

    // MARK: Core

    private func call(_ body: () -> Bool) -> Bool? {
        guard acts(), !isActive(.callLoss) else { return nil }
        return body()
    }

    private func word() -> CoreWord? {
        guard !isActive(.callLoss) else { return nil }
        let arbiter = core.arbiter
        return CoreWord(owner: ownerName, inProbation: arbiter.inProbation, switchPending: arbiter.switchPending)
    }

    private var ownerName: String? {
        if core.arbiter.isTakingUp, core.arbiter.owner >= 0 { return Self.names[core.arbiter.owner] }
        for slot in containers.indices where core.arbiter.slots[slot].role == .owner { return Self.names[slot] }
        return nil
    }

    private func view() -> CoreView {
        let arbiter = core.arbiter
        let slot = arbiter.slots[1]
        let candidate = CandidateView(
            answeredTick: slot.answered, inStepSince: slot.standsSince, isSettled: slot.isSettled, late: slot.late,
            divergence: slot.divergence.command, angularDivergence: slot.divergence.angular,
            gains: AxisGains(slot.divergence.gains.gain.array, known: slot.divergence.gains.excited))
        return CoreView(
            tick: core.tick, owner: ownerName ?? "", mode: core.modes.mode, inProbation: arbiter.inProbation,
            switchPending: arbiter.switchPending, cause: arbiter.cause, switchTick: arbiter.switchTick,
            tilt: core.state.tilt, rate: core.sensors.gyro.norm, height: core.state.height,
            trouble: ArmingReasons(rawValue: core.modes.mode == .disarmed ? 0 : core.flightTrouble()),
            candidate: slot.role == .empty ? nil : candidate)
    }

    // MARK: Machine

    private func feed(_ event: HandoverEvent) {
        guard agent.isAlive, var machine = agent.machine else { return }
        let actions = machine.handle(event, now: now)
        agent.machine = machine
        for action in actions where agent.isAlive { carryOut(action) }
    }

    private func carryOut(_ action: HandoverAction) {
        switch action {
        case .pull: later(.pulled, CampaignAgent.pullTime)
        case .verify: later(.verified, CampaignAgent.pause)
        case .start: startCandidate()
        case .rehearse: later(.rehearsed, CampaignAgent.pause)
        case .stream(let interval, _): if acts(), hop() != nil { agent.isStreaming = interval > 0 }
        case .forwardCut(let tick):
            guard let cut = agent.cut, cut.tick == tick, acts(), let hop = hop() else { return }
            agent.cutsOnTheWay.append((now + hop, cut))
        case .requestSwitch(let ticks):
            if call({ core.requestSwitch(to: 1, within: ticks) == .none }) != true {
                feed(.failed("The core does not switch."))
            }
        case .cancelSwitch: cancelSwitch()
        case .commit: _ = call { core.arbiter.commit() }
        case .rollback: _ = call { core.arbiter.requestWayBack() }
        case .stopOld: later(.stopOld(looks: CampaignAgent.looksMax))
        case .stopCandidate:
            if agent.isStarting {
                agent.stopIsQueued = true
            } else {
                later(.stopCandidate(looks: CampaignAgent.looksMax))
            }
        // State in blocks takes the way of the cuts, with tests of its own.
        case .planned, .want, .forwardBlocks, .forwardTaken: break
        case .entered(let phase): enter(phase)
        case .finished(let outcome):
            if acts() { end(agent.overruled ?? outcome) }
            agent.machine = nil
            agent.overruled = nil
        }
    }

    private func cancelSwitch() {
        _ = call {
            core.arbiter.cancelSwitch()
            return true
        }
    }

    private func enter(_ phase: HandoverPhase) {
        if phase == .committing, acts() { agent.roles[1] = .owner }
        if phase == .probation, acts() { agent.roles[0] = .standby }
        if phase == .undoing, agent.roles[0] == .standby {
            if agent.roles[1] != nil, acts() { agent.roles[1] = .candidate }
            if acts() { agent.roles[0] = .owner }
        }
        if phase != .idle, acts() { agent.phase = phase }
    }

    private func end(_ outcome: HandoverOutcome) { agent.outcome = outcome }

    // MARK: Engine, and the ends of an update

    private func carryOut(_ work: CampaignAgent.Work) {
        if isActive(.engineHangs) {
            switch work {
            case .pulled, .verified, .started, .rehearsed, .stopped: return later(work, CampaignAgent.pause)
            case .hear, .takeCut, .stopOld, .stopCandidate, .recover, .clearUp: break
            }
        }
        switch work {
        case .hear(let event): feed(event)
        case .takeCut(let cut):
            agent.cut = cut
            feed(.cutArrived(tick: cut.tick, bytes: cut.stateBytes))
        case .pulled: feed(isActive(.pullFails) ? .failed("No image.") : .pulled)
        case .verified: feed(isActive(.pullFails) ? .failed("No image.") : .verified)
        case .started: started()
        case .rehearsed: feed(.rehearsed)
        case .stopOld(let looks): stopOld(looks)
        case .stopCandidate(let looks): stopCandidate(looks)
        case .stopped(let slot, let then): stopped(slot, then)
        case .recover: recover()
        case .clearUp: clearUp()
        }
    }

    private func startCandidate() {
        guard acts() else { return }
        agent.roles[1] = .candidate
        agent.isStarting = true
        later(.started, CampaignAgent.engineTime)
    }

    private func started() {
        guard acts() else { return }
        if containers[1] == nil { start(.v2, in: 1) }
        guard agent.machine?.phase == .starting else { return stop(1, .nothing) }
        agent.isStarting = false
        feed(.started)
        send(.offered(containers[0]?.container.offers ?? []))
        if let candidate = containers[1] { send(.needed(candidate.container.needs)) }
    }

    private func stopOld(_ looks: Int) {
        guard looks > 0 else {
            agent.overruled = .rollbackFailed("")
            return feed(.stopped)
        }
        switch Ending.old(Self.names[0], word()) {
        case .stop: return stop(0, .end)
        case .keep:
            agent.overruled = .rolledBack("")
            if acts() { agent.roles[0] = .owner }
            return stop(1, .end)
        case .askCommit: _ = call { core.arbiter.commit() }
        case .wait, .askCancel, .askRollback: break
        }
        if agent.isAlive { later(.stopOld(looks: looks - 1), CampaignAgent.pause) }
    }

    private func stopCandidate(_ looks: Int) {
        guard looks > 0 else {
            agent.overruled = .rollbackFailed("")
            return feed(.stopped)
        }
        switch Ending.candidate(Self.names[1], word()) {
        case .stop: return stop(1, .end)
        case .askRollback:
            agent.overruled = .rolledBack("")
            _ = call { core.arbiter.requestWayBack() }
        case .askCancel: cancelSwitch()
        case .wait, .askCommit, .keep: break
        }
        if agent.isAlive { later(.stopCandidate(looks: looks - 1), CampaignAgent.pause) }
    }

    private func stop(_ slot: Int, _ then: CampaignAgent.Then) {
        guard agent.isAlive else { return }
        guard Ending.mayStop(Self.names[slot], word()) else { return follow(then) }
        later(.stopped(slot, then), CampaignAgent.engineTime)
    }

    private func stopped(_ slot: Int, _ then: CampaignAgent.Then) {
        guard acts() else { return }
        if core.arbiter.owner == slot, core.arbiter.slots[slot].isConnected {
            breaches.append("the agent stopped what owned the motors")
        }
        end(slot)
        _ = call {
            if core.arbiter.owner != slot { core.arbiter.detach(slot) }
            return true
        }
        if acts() { agent.roles[slot] = nil }
        if agent.isAlive { follow(then) }
    }

    private func follow(_ then: CampaignAgent.Then) {
        switch then {
        case .end: feed(.stopped)
        case .failedStart, .nothing:
            agent.isStarting = false
            if agent.stopIsQueued { later(.stopCandidate(looks: CampaignAgent.looksMax)) }
            agent.stopIsQueued = false
        case .finishRecovery: if acts() { end(.updated) }
        case .undoRecovery(let outcome):
            if acts() { agent.roles[0] = .owner }
            if acts() { end(outcome) }
        }
    }

    // MARK: Recovery

    private func recover() {
        guard let phase = agent.phase, agent.outcome == nil else { return }
        guard let word = word() else { return later(.recover, CampaignAgent.pause) }
        switch Recovery.judge(phase: phase, owner: Self.names[0], candidate: Self.names[1], word) {
        case .resume: agent.machine = .resumed(Self.request, policy: plan.policy, now: now)
        case .finish:
            if acts() { agent.roles[1] = .owner }
            stop(0, .finishRecovery)
        case .askRollback:
            _ = call { core.arbiter.requestWayBack() }
            if agent.isAlive { later(.recover, CampaignAgent.pause) }
        case .undo(let outcome):
            cancelSwitch()
            guard agent.isAlive else { return }
            if Ending.mayStop(Self.names[1], self.word()) {
                stop(1, .undoRecovery(outcome))
            } else {
                later(.recover, CampaignAgent.pause)
            }
        }
    }

    private func clearUpIfOwing() {
        guard agent.isAlive, agent.machine == nil, agent.works.isEmpty, agent.outcome != nil, !agent.isInOrder else {
            return
        }
        later(.clearUp, CampaignAgent.pause)
    }

    private func clearUp() {
        guard let word = word() else { return }
        guard !Leftover.mustGoBack(word) else {
            _ = call { core.arbiter.requestWayBack() }
            return
        }
        let all = containers.indices.filter { agent.roles[$0] != nil }.map { slot in
            Leftover.Instance(
                name: Self.names[slot], role: agent.roles[slot], isServed: core.arbiter.slots[slot].role != .empty,
                isRunning: containers[slot] != nil)
        }
        for one in all where agent.isAlive {
            guard let slot = Self.names.firstIndex(of: one.name) else { continue }
            switch Leftover.judge(one, of: all, word) {
            case .keep, .attach: break
            case .adopt: if acts() { agent.roles[slot] = .owner }
            case .stop: stop(slot, .nothing)
            }
        }
    }
}
