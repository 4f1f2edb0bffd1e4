import Contract
import FlightCore
import Handover

/// What takes the agent its time, one step a move: engine, registry, the two ends of an update, recovery.
extension HandoverSystem {
    mutating func work(fails: Bool) {
        switch agent.work {
        case .none: break
        case .pull:
            agent.work = .none
            feed(fails ? .failed("No image.") : .pulled)
        case .verify:
            agent.work = .none
            feed(fails ? .failed("Another image.") : .verified)
        case .rehearse:
            agent.work = .none
            feed(fails ? .failed("It falls.") : .rehearsed)
        case .saveCandidate, .attachCandidate, .startCandidate, .reportCandidate: start(fails)
        case .stopOld: stopOld()
        case .stopCandidate: stopCandidate()
        case .ask, .stop, .detach, .forget: goOnStopping(fails)
        case .recover: recover()
        case .tidyOld: tidy(0, next: .tidyNew)
        case .tidyNew: tidy(1, next: .none)
        }
    }

    // MARK: Starting

    private mutating func start(_ fails: Bool) {
        switch agent.work {
        case .saveCandidate:
            if acts() { journal.new = .candidate }
            if agent.isAlive { agent.work = .attachCandidate }
        case .attachCandidate:
            let isDone = call {
                $0.listen(1)
                return true
            }
            guard agent.isAlive else { return }
            if isDone == true { agent.work = .startCandidate } else { stop(1, then: .failedStart) }
        case .startCandidate:
            guard !fails else { return stop(1, then: .failedStart) }
            guard acts() else { return }
            containers[1] = ModelContainer()
            containers[1].life = .running
            agent.work = .reportCandidate
        default:
            guard agent.machine?.phase == .starting else { return stop(1, then: .nothing) }
            agent.work = .none
            feed(.started)
            feed(.offered(Self.offers))
            post(.needed)
        }
    }

    // MARK: Ending

    private mutating func stopOld() {
        switch Ending.old(Self.names[0], word()) {
        case .stop: stop(0, then: .stopped)
        case .keep:
            agent.overruled = .rolledBack("")
            if acts() { journal.old = .owner }
            if agent.isAlive { stop(1, then: .stopped) }
        case .askCommit:
            _ = call { $0.commit() }
            if agent.isAlive { lookAgain() }
        case .wait, .askCancel, .askRollback: lookAgain()
        }
    }

    private mutating func stopCandidate() {
        switch Ending.candidate(Self.names[1], word()) {
        case .stop: stop(1, then: .stopped)
        case .askRollback:
            agent.overruled = .rolledBack("")
            askRollback()
            if agent.isAlive { lookAgain() }
        case .askCancel:
            cancelSwitch()
            if agent.isAlive { lookAgain() }
        case .wait, .askCommit, .keep: lookAgain()
        }
    }

    private mutating func lookAgain() {
        agent.looks -= 1
        agent.isWaiting = true
        guard agent.looks == 0 else { return }
        agent.looks = ModelAgent.looksMax
        agent.overruled = .rollbackFailed("")
        agent.work = .none
        feed(.stopped)
    }

    /// `FlightAgent.stopInstance`, in its steps.
    private mutating func goOnStopping(_ fails: Bool) {
        let slot = agent.target
        switch agent.work {
        case .ask:
            guard Ending.mayStop(Self.names[slot], word()) else { return isStopped() }
            agent.work = .stop
        case .stop:
            guard acts() else { return }
            guard !fails else { return isStopped() }
            if containers[slot].life != .absent {
                check(
                    arbiter.owner != slot || !arbiter.slots[slot].isConnected, "10: no container is stopped that flies")
                endProcess(slot, to: .absent)
            }
            agent.work = .detach
        case .detach:
            _ = call {
                if slot != $0.owner { $0.detach(slot) }
                return true
            }
            if agent.isAlive { agent.work = .forget }
        default:
            if acts() { journal[slot] = nil }
            if agent.isAlive { isStopped() }
        }
    }

    /// Or could not be, and is left to be cleared up.
    private mutating func isStopped() {
        agent.work = .none
        switch agent.then {
        case .stopped: feed(.stopped)
        case .failedStart, .nothing:
            if agent.then == .failedStart { feed(.failed("It did not start.")) }
            if agent.stopIsQueued { agent.work = .stopCandidate }
            agent.stopIsQueued = false
        case .finishRecovery: if acts() { end(.updated) }
        case .undoRecovery:
            if acts() { journal.old = .owner }
            if let outcome = agent.recoveryOutcome, acts() { end(outcome) }
        case .tidyNext: agent.work = agent.target == 0 ? .tidyNew : .none
        }
    }

    // MARK: Recovery

    private mutating func recover() {
        agent.work = .none
        guard let word = word() else { return recoverAgain() }
        guard let phase = journal.phase, journal.outcome == nil else {
            agent.work = .tidyOld
            return
        }
        switch Recovery.judge(phase: phase, owner: Self.names[0], candidate: Self.names[1], word) {
        case .resume:
            let request = HandoverRequest(owner: Self.names[0], candidate: Self.names[1], isDryRun: false)
            agent.machine = .resumed(request, policy: Self.policy, now: now)
        case .finish:
            if acts() { journal.new = .owner }
            if agent.isAlive { stop(0, then: .finishRecovery) }
        case .askRollback:
            askRollback()
            if agent.isAlive { recoverAgain() }
        case .undo(let outcome):
            agent.recoveryOutcome = outcome
            cancelSwitch()
            guard agent.isAlive else { return }
            if Ending.mayStop(Self.names[1], self.word()) { stop(1, then: .undoRecovery) } else { recoverAgain() }
        }
    }

    private mutating func recoverAgain() {
        agent.work = .recover
        agent.isWaiting = true
    }

    /// `FlightAgent.clearUp`: begun at the end of an update or a recovery, and again as long as something is left.
    mutating func clearUpIfOwing() {
        guard agent.isAlive, agent.machine == nil, agent.work == .none, journal.outcome != nil,
            !Leftover.isNothing(roles: [journal.old, journal.new].filter { $0 != nil })
        else { return }
        agent.work = .tidyOld
        agent.isWaiting = true
    }

    private mutating func tidy(_ slot: Int, next: ModelAgent.Work) {
        agent.work = next
        guard journal[slot] != nil, let word = word() else { return }
        guard !Leftover.mustGoBack(word) else { return askRollback() }
        let all = [0, 1].filter { journal[$0] != nil }.map { known in
            Leftover.Instance(
                name: Self.names[known], role: journal[known], isServed: arbiter.slots[known].role != .empty,
                isRunning: containers[known].isThere)
        }
        guard let one = all.first(where: { $0.name == Self.names[slot] }) else { return }
        switch Leftover.judge(one, of: all, word) {
        case .keep: break
        case .adopt: if acts() { journal[slot] = .owner }
        case .stop: stop(slot, then: .tidyNext)
        case .attach:
            _ = call {
                $0.listen(slot)
                return true
            }
            if acts() { journal[slot] = .owner }
        }
    }
}
