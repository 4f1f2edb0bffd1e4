import CContract
import Contract
import FlightCore
import Handover

/// A hash of everything that two states can differ in, with ticks relative to the present one and cut off where they
/// make no difference any more.
private struct StateHash {
    var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func put(_ word: UInt64) {
        value = (value ^ word) &* 0xBF58_476D_1CE4_E5B9
        value ^= value >> 29
    }
    mutating func put(_ flag: Bool) { put(flag ? 1 as UInt64 : 0) }
    mutating func put(_ number: Int) { put(UInt64(bitPattern: Int64(number))) }
}

extension HandoverSystem {
    /// Ticks beyond which an age makes no difference: of what only the next two ticks ask for; of a cut, beyond a
    /// container's history; of a phase, beyond its longest limit.
    private static let short: UInt64 = 2
    private static let history: UInt64 = 4
    private static let longest: UInt64 = 7

    package var key: UInt64 {
        var hash = StateHash()
        put(arbiter, &hash)
        for slot in 0..<2 { put(containers[slot], &hash) }
        put(agent, &hash)
        if let machine = agent.machine { put(machine, &hash) } else { hash.put(-1) }
        hash.put(journal.phase.map { $0.hashValueStable } ?? -1)
        hash.put(code(journal.outcome))
        hash.put(journal.old.map(code) ?? -1)
        hash.put(journal.new.map(code) ?? -1)
        hash.put(bag.count)
        for message in bag { put(message, &hash) }
        hash.put(faultsLeft)
        for flag in [
            hasSwitched, oldWasStruck, newWasStruck, coreWasRestarted, coreWasTakenUp, wasUndone, wayBackIsDue,
        ] {
            hash.put(flag)
        }
        return hash.value
    }

    /// How long ago; 0 stays "never".
    private func age(_ past: UInt64, _ horizon: UInt64) -> UInt64 {
        guard past != 0 else { return .max }
        return past > tick ? 1000 + min(past - tick, horizon) : min(tick - past, horizon)
    }

    /// An epoch as seen from the present one.
    private func rank(_ epoch: UInt64) -> UInt64 {
        guard epoch != 0 else { return .max }
        return epoch > arbiter.epoch ? 1000 : min(arbiter.epoch - epoch, 1)
    }

    private func put(_ arbiter: Arbiter, _ hash: inout StateHash) {
        for slot in 0..<2 {
            let state = arbiter.slots[slot]
            hash.put(UInt64(state.role.rawValue))
            hash.put(rank(state.grant))
            hash.put(age(state.answered, Self.short))
            // Whether it is in step is asked of nobody who owns or owned.
            if state.role == .shadow {
                hash.put(age(state.runSince, Self.short))
                hash.put(age(state.standsSince, Self.short))
                hash.put(age(state.stateTick, Self.history))
                hash.put(state.runSince <= state.stateTick &+ 1)
                hash.put(state.isSettled)
            }
            hash.put(age(state.commandTick, Self.short))
            hash.put(rank(state.commandEpoch))
            hash.put(state.commandTick >= arbiter.switchTick)
            hash.put(state.isOutOfRange)
            hash.put(state.isReturned)
            hash.put(state.pid != 0)
        }
        hash.put(arbiter.owner)
        hash.put(arbiter.standby)
        hash.put(rank(arbiter.epoch))
        hash.put(arbiter.isFailsafe)
        hash.put(arbiter.cause == .expired)
        hash.put(age(arbiter.switchTick, Self.short))
        hash.put(UInt64(min(arbiter.missRun, 4)))
        hash.put(UInt64(min(arbiter.faultRun, 4)))
        hash.put(UInt64(min(arbiter.heldRun, 4)))
        hash.put(min(arbiter.epochsLeft, 4))
        hash.put(arbiter.pending?.slot ?? Arbiter.nobody)
        if let pending = arbiter.pending {
            hash.put(age(pending.until, Self.history))
            hash.put(age(pending.calmUntil, Self.history))
            hash.put(arbiter.slots[pending.slot].kick.isSmall(at: arbiter.present.tick))
        }
        // Behind a way back the envelope counts for nothing for longer than any walk is deep.
        for flag in [
            arbiter.ownerIsGone, arbiter.wayBackAsked, arbiter.envelopeLeft, arbiter.isTakingUp,
            arbiter.wayBackTick > 0,
        ] {
            hash.put(flag)
        }
        hash.put(age(arbiter.takeUpUntil, Self.history))
        hash.put(age(arbiter.former.tick, Self.short))
        hash.put(age(arbiter.formerTick, Self.short))
    }

    private func put(_ container: ModelContainer, _ hash: inout StateHash) {
        hash.put(UInt64(container.life.rawValue))
        hash.put(container.isStreaming)
        hash.put(age(container.seen.tick, Self.short))
        hash.put(rank(container.seen.epoch))
        hash.put(UInt64(container.standing.rawValue))
        if container.standing == .shadow {
            hash.put(age(container.seenSince, Self.history))
            hash.put(age(container.standsOn, Self.history))
        }
        hash.put(rank(container.granted))
        hash.put(container.unread.count)
        for seen in container.unread {
            hash.put(age(seen.tick, Self.short))
            hash.put(rank(seen.epoch))
        }
        hash.put(container.onTheWay.count)
        for command in container.onTheWay {
            hash.put(age(command.tick, Self.short))
            hash.put(rank(command.epoch))
            hash.put(age(command.state_tick, Self.history))
        }
    }

    private func put(_ agent: ModelAgent, _ hash: inout StateHash) {
        hash.put(UInt64(agent.work.rawValue))
        hash.put(agent.target)
        hash.put(UInt64(agent.then.rawValue))
        hash.put(UInt64(agent.looks))
        for flag in [
            agent.isAlive, agent.stopIsQueued, agent.isWaiting, agent.hasLooked,
        ] { hash.put(flag) }
        hash.put(code(agent.overruled))
        hash.put(code(agent.recoveryOutcome))
        hash.put(UInt64(agent.stall))
        hash.put(lag)
    }

    private func put(_ machine: HandoverMachine, _ hash: inout StateHash) {
        hash.put(machine.phase.hashValueStable)
        hash.put(age(machine.enteredAt / Self.period, Self.longest))
        switch machine.phase {
        case .starting, .planning:
            hash.put(machine.offers != nil)
            hash.put(machine.needs != nil)
            hash.put(machine.isStarted)
        case .syncing, .shadowing, .ready, .switching:
            hash.put(machine.candidateSaysReady)
            hash.put(age((machine.windowSince ?? 0) / Self.period, Self.longest))
            hash.put(min(arbiter.slots[1].late &- machine.windowLate, 2))
            hash.put(machine.mayHaveExpired)
            hash.put(age(machine.lastCut, Self.history))
            hash.put(age(machine.lastApplied, Self.history))
        case .idle, .pulling, .verifying, .rehearsing, .probation, .committing, .undoing: break
        }
        hash.put(code(machine.pendingOutcome))
    }

    private func put(_ message: Message, _ hash: inout StateHash) {
        switch message {
        case .streamOn: hash.put(1)
        case .streamOff: hash.put(2)
        case .cutUp(let tick): hash.put(10 + age(tick, Self.history) << 8)
        case .cutDown(let tick): hash.put(11 + age(tick, Self.history) << 8)
        case .applied(let tick): hash.put(12 + age(tick, Self.history) << 8)
        case .ready(let tick): hash.put(13 + age(tick, Self.history) << 8)
        case .needed: hash.put(3)
        case .exited(let slot): hash.put(4 + slot)
        }
    }

    private func code(_ outcome: HandoverOutcome?) -> Int {
        switch outcome {
        case nil: 0
        case .updated: 1
        case .planned: 2
        case .refused: 3
        case .rolledBack: 4
        case .rollbackFailed: 5
        }
    }

    private func code(_ role: FlightRole) -> Int {
        switch role {
        case .owner: 1
        case .candidate: 2
        case .standby: 3
        }
    }
}

extension HandoverPhase {
    /// The same in every run.
    fileprivate var hashValueStable: Int { Self.allCases.firstIndex(of: self) ?? -1 }
}
