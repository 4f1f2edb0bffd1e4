import Contract
import FlightCore
import Handover

/// The agent's shell as `FlightAgent` is: it carries out what the machine says, writes the journal, and can die
/// before each thing that it does outside of itself.
extension HandoverSystem {
    /// Whether the agent lives to do one more thing outside of itself.
    mutating func acts() -> Bool {
        guard agent.isAlive else { return false }
        guard agent.fuse > 0 else {
            killAgent()
            return false
        }
        if agent.fuse != ModelAgent.endless { agent.fuse -= 1 }
        return true
    }

    /// A new process knows nothing; what was on its way to the old one is gone.
    mutating func killAgent() {
        agent = ModelAgent()
        agent.isAlive = false
        bag.removeAll { $0.isForAgent }
    }

    mutating func restartAgent() {
        agent = ModelAgent()
        agent.work = .recover
    }

    // MARK: The core

    /// One call of the core's control socket; nil: no answer.
    mutating func call(_ body: (inout Arbiter) -> Bool) -> Bool? {
        guard acts() else { return nil }
        let fault = agent.callFault
        agent.callFault = .none
        if fault == .unheard { return nil }
        let isDone = body(&arbiter)
        return fault == .unanswered ? nil : isDone
    }

    mutating func askRollback() {
        if call({ $0.requestWayBack() }) == true {
            wayBackIsDue = true
        } else if arbiter.wayBackAsked {
            wayBackIsDue = true
        }
    }

    mutating func cancelSwitch() {
        _ = call {
            $0.cancelSwitch()
            return true
        }
    }

    mutating func word() -> CoreWord? {
        guard agent.callFault == .none else {
            agent.callFault = .none
            return nil
        }
        return CoreWord(
            owner: ownerName, inProbation: arbiter.inProbation, switchPending: arbiter.switchPending)
    }

    private var ownerName: String? {
        // Behind a restart the core names the former owner before it is back.
        if arbiter.isTakingUp, arbiter.owner >= 0 { return Self.names[arbiter.owner] }
        for slot in 0..<2 where arbiter.slots[slot].role == .owner { return Self.names[slot] }
        return nil
    }

    func view() -> CoreView {
        let slot = arbiter.slots[1]
        let candidate = CandidateView(
            answeredTick: slot.answered, inStepSince: slot.standsSince, isSettled: slot.isSettled, late: slot.late,
            divergence: 0, angularDivergence: 0)
        return CoreView(
            tick: tick, owner: ownerName ?? "", mode: arbiter.isFailsafe ? .failsafe : .fly,
            inProbation: arbiter.inProbation, switchPending: arbiter.switchPending, cause: arbiter.cause,
            switchTick: arbiter.switchTick, tilt: 0, rate: 0, candidate: slot.role == .empty ? nil : candidate)
    }

    mutating func look() {
        agent.hasLooked = true
        feed(word() == nil ? .time : .core(view()))
    }

    // MARK: The machine

    mutating func feed(_ event: HandoverEvent) {
        guard agent.isAlive, var machine = agent.machine else { return }
        let actions = machine.handle(event, now: now)
        agent.machine = machine
        for action in actions where agent.isAlive { carryOut(action) }
    }

    private mutating func carryOut(_ action: HandoverAction) {
        switch action {
        case .pull: agent.work = .pull
        case .verify: agent.work = .verify
        case .start: agent.work = .saveCandidate
        case .rehearse: agent.work = .rehearse
        case .stream(let interval, _): if acts() { post(interval > 0 ? .streamOn : .streamOff) }
        case .forwardCut(let tick): if acts() { post(.cutDown(tick)) }
        case .requestSwitch(let ticks):
            let until = tick &+ UInt64(ticks)
            if call({ $0.requestSwitch(to: 1, until: until) }) != true { feed(.failed("The core does not switch.")) }
        case .cancelSwitch: cancelSwitch()
        case .commit: _ = call { $0.commit() }
        case .rollback: askRollback()
        case .stopOld: agent.work = .stopOld
        case .stopCandidate: if isStarting { agent.stopIsQueued = true } else { agent.work = .stopCandidate }
        // State in blocks takes the way of the cuts, with tests of its own.
        case .planned, .want, .forwardBlocks, .forwardTaken: break
        case .entered(let phase): enter(phase)
        case .finished(let outcome): finish(outcome)
        }
    }

    /// A start is under way; an end waits until it has been cancelled.
    private var isStarting: Bool {
        switch agent.work {
        case .saveCandidate, .attachCandidate, .startCandidate, .reportCandidate: true
        case .ask, .stop, .detach, .forget: agent.then == .failedStart || agent.then == .nothing
        case .none, .pull, .verify, .rehearse, .stopOld, .stopCandidate, .recover, .tidyOld, .tidyNew: false
        }
    }

    private mutating func enter(_ phase: HandoverPhase) {
        if phase == .undoing {
            switch agent.work {
            case .saveCandidate, .attachCandidate, .startCandidate: stop(1, then: .failedStart)
            default: break
            }
        }
        if phase == .committing, acts() { journal.new = .owner }
        if phase == .probation, acts() { journal.old = .standby }
        if phase == .undoing, journal.old == .standby {
            if journal.new != nil, acts() { journal.new = .candidate }
            if acts() { journal.old = .owner }
        }
        if phase != .idle, acts() {
            journal.phase = phase
            if phase == .undoing { wasUndone = true }
        }
    }

    private mutating func finish(_ outcome: HandoverOutcome) {
        if acts() { end(agent.overruled ?? outcome) }
        agent.machine = nil
    }

    mutating func end(_ outcome: HandoverOutcome) {
        journal.outcome = outcome
        if case .updated = outcome {
            check(hasSwitched, "8: a time-out means: keep the old one")
            check(!wasUndone || !containers[0].isThere, "8: what was undone does not end well")
        }
    }

    mutating func stop(_ slot: Int, then: ModelAgent.Then) {
        agent.target = slot
        agent.then = then
        agent.work = .ask
    }
}
