package import CContract
package import Contract
import Shadow

/// Decides who owns the actuators. It alone holds the owner epoch; nothing outside can name itself owner.
///
/// Pure: events in, no I/O, ticks as time. An owner is (slot, epoch granted to its connection); a command is
/// applied only if its connection, its epoch and the sample that it answers are all the present ones.
package struct Arbiter: BitwiseCopyable, Sendable {
    package static let slotCount = Int(DA_INSTANCES)
    /// No slot.
    package static let nobody = -1

    package private(set) var slots = InlineArray<4, Slot>(repeating: Slot())
    package private(set) var owner = Self.nobody
    package private(set) var standby = Self.nobody
    /// Epoch that owns the actuators; 0: nobody yet.
    package private(set) var epoch: UInt64 = 0
    package private(set) var isFailsafe = false
    package private(set) var cause = SwitchCause.none
    /// First tick of the present owner.
    package private(set) var switchTick: UInt64 = 0
    /// First tick after the last way back; 0: none yet.
    package private(set) var wayBackTick: UInt64 = 0
    /// Commands of an epoch that was not their sender's.
    package private(set) var staleRefused: UInt64 = 0
    /// Ticks in a row without a fresh command of the owner.
    package private(set) var missRun: UInt32 = 0
    /// Ticks in a row which the owner missed while its standby, of lower priority, was in time: those are the owner's
    /// own fault. A tick that both missed is the machine's, and another owner would not have done better.
    package private(set) var faultRun: UInt32 = 0
    /// Ticks in a row in which the last outputs were held.
    package private(set) var heldRun: UInt32 = 0
    /// The core was restarted in flight, and its former owner has not flown since.
    package private(set) var isTakingUp = false
    /// Tick until which the former owner and its standby may come back; 0: nobody is waited for.
    package private(set) var takeUpUntil: UInt64 = 0
    /// The last one granted, and the highest that is on disk.
    package private(set) var lastEpoch: UInt64
    package private(set) var reservedEpoch: UInt64
    package private(set) var pending: PendingSwitch?
    package private(set) var ownerIsGone = false
    package private(set) var wayBackAsked = false
    package private(set) var envelopeLeft = false
    package private(set) var envelopeLeftForLong = false
    /// The present sample, the one before and the one before that; ticks that were slept through have none.
    package private(set) var present = PublishedSample()
    package private(set) var former = PublishedSample()
    package private(set) var formerTick: UInt64 = 0

    private let fence: Fence
    private let silence: Silence
    private let limits: Limits
    private let effect: MotorEffect
    private let divergenceWeight: Float
    private let idle: Float

    /// Starts with the last epoch that may ever have been granted before (it is never granted again) and those
    /// that are reserved on disk by now.
    package init(
        _ board: da_board, lastEpoch: UInt64, reservedEpoch: UInt64, fence: Fence = .whole, silence: Silence = .bridged
    ) {
        precondition(lastEpoch <= reservedEpoch, "epochs are reserved before they are granted")
        self.fence = fence
        self.silence = silence
        limits = Limits(
            holdTicks: board.hold_ticks, missLimit: board.miss_limit, settleTicks: UInt64(board.settle_ticks),
            recoveryTicks: 2 * UInt64(board.tick_rate))
        effect = MotorEffect(board.vehicle)
        idle = board.vehicle.command_idle
        divergenceWeight = 1 / Float(max(1, board.tick_rate))
        self.lastEpoch = lastEpoch
        self.reservedEpoch = reservedEpoch
    }

    package var inProbation: Bool { standby != Self.nobody }
    package var switchPending: Bool { pending != nil }
    /// Epochs that can be granted without waiting for the disk.
    package var epochsLeft: UInt64 { reservedEpoch &- lastEpoch }
    package var ownerAnswers: Bool { owner != Self.nobody && slots[owner].isConnected && missRun == 0 }

    // MARK: Connections

    @_noAllocation
    package mutating func listen(_ slot: Int) { slots[slot].role = .listening }

    @_noAllocation
    package mutating func connect(_ slot: Int, pid: Int32) {
        // A directory's socket alone is not enough to be who flew: it must be the very process that was connected.
        let isReturned = takeUpUntil > 0 && pid > 0 && slots[slot].pid == pid
        slots[slot].connect(pid: pid)
        slots[slot].isReturned = isReturned
    }

    /// The instance's socket is closed: it can answer no more.
    @_noAllocation
    package mutating func disconnect(_ slot: Int) {
        slots[slot].disconnect()
        if slot == owner { ownerIsGone = true }
        if slot == standby { standby = Self.nobody }
        if slot == pending?.slot { pending = nil }
    }

    @_noAllocation
    package mutating func detach(_ slot: Int) {
        disconnect(slot)
        slots[slot] = Slot()
    }

    @_noAllocation
    package mutating func countDropped(_ slot: Int) { slots[slot].dropped &+= 1 }

    @_noAllocation
    package mutating func extendReserve(to epoch: UInt64) { reservedEpoch = max(reservedEpoch, epoch) }

    // MARK: Requests

    /// Makes a connected instance the owner when nobody is (on the ground; the caller sees to that).
    @_noAllocation
    package mutating func grant(_ slot: Int) -> Bool {
        guard owner == Self.nobody, slots[slot].isConnected, let epoch = nextEpoch() else { return false }
        isFailsafe = false
        own(slot, epoch, from: present.tick &+ 1, cause: .requested)
        return true
    }

    /// Lets `slot` relieve the failsafe at the first boundary up to `until` at which it is fit to fly. There is no way
    /// back from it but to the failsafe.
    @_noAllocation
    package mutating func requestRelief(by slot: Int, until tick: UInt64) -> Bool {
        guard isFailsafe, owner == Self.nobody, slots[slot].isConnected, epochsLeft >= 2 else { return false }
        pending = PendingSwitch(slot: slot, from: present.tick, until: tick)
        return true
    }

    /// Hands over to `slot` at the first boundary up to `until` at which it is in step.
    @_noAllocation
    package mutating func requestSwitch(to slot: Int, until tick: UInt64) -> Bool {
        guard owner != Self.nobody, slot != owner, slots[slot].isConnected, !inProbation, epochsLeft >= 3 else {
            return false
        }
        pending = PendingSwitch(slot: slot, from: present.tick, until: tick)
        return true
    }

    @_noAllocation
    package mutating func cancelSwitch() { pending = nil }

    @_noAllocation
    package mutating func requestWayBack() -> Bool {
        guard inProbation else { return false }
        wayBackAsked = true
        return true
    }

    /// Ends probation: no way back by itself any more. Not while the owner has begun to fail: then the standby is needed at
    /// the next boundaries. A way back that was asked for and waits for a cold standby is given up.
    @_noAllocation
    package mutating func commit() -> Bool {
        let isFailing = missRun > 0 || ownerIsGone || envelopeLeft || (inProbation && slots[owner].isOutOfRange)
        guard inProbation, !isFailing else { return false }
        if slots[standby].isConnected { slots[standby].role = .shadow }
        standby = Self.nobody
        return true
    }

    /// After a landing in failsafe: the actuators belong to nobody until the next grant.
    @_noAllocation
    package mutating func endFailsafe() {
        isFailsafe = false
        pending = nil
        heldRun = 0
        missRun = 0
    }

    @_noAllocation
    package mutating func noteEnvelopeLeft(forLong isLong: Bool) {
        envelopeLeft = true
        envelopeLeftForLong = isLong
    }

    // MARK: Commands

    /// Takes one command that arrived on `slot`'s connection.
    @_noAllocation
    package mutating func take(_ command: da_command, from slot: Int) -> Fate {
        let motors = Motors(command.motor)
        guard command.tick > slots[slot].answered, command.tick <= present.tick else { return refuse(slot) }
        guard motors.isCommand, Motors(command.free).isFinite else {
            slots[slot].isOutOfRange = true
            return refuse(slot)
        }
        // Invariant 4: no command of a past epoch reaches the bus. Epoch 0 claims nothing.
        guard fence.admits(command.epoch, granted: slots[slot].grant) else {
            staleRefused &+= 1
            slots[slot].refused &+= 1
            return .stale
        }
        let isPresent = command.tick == present.tick
        let isFormer = command.tick == former.tick
        guard
            isPresent
                ? command.sample_ns == present.scheduled : !isFormer || command.sample_ns == former.scheduled
        else { return refuse(slot) }
        slots[slot].note(command, motors, behind: isPresent ? former.tick : (isFormer ? formerTick : 0))
        if !isPresent { slots[slot].late &+= 1 }
        guard slot == owner, command.epoch == epoch, command.epoch != 0 else { return .compared }
        return isPresent ? .fresh : (isFormer ? .late : .compared)
    }

    /// A frame that is no command at all.
    @_noAllocation
    package mutating func refuse(_ slot: Int) -> Fate {
        slots[slot].refused &+= 1
        return .refused
    }

    @_noAllocation
    package func hasFresh(_ tick: UInt64) -> Bool {
        owner != Self.nobody && slots[owner].commandTick == tick && isOwners(slots[owner])
    }

    /// Whether the slot's last command claims the present epoch, granted to this very connection: a command that
    /// claims nothing is compared, even if the owner's connection sends it.
    @_noAllocation
    private func isOwners(_ slot: Slot) -> Bool {
        slot.grant == epoch && slot.commandEpoch == epoch && epoch != 0 && slot.commandTick >= switchTick
    }

    /// The motors' values for `tick`; nil: hold the last ones, or let the failsafe fly.
    @_noAllocation
    package mutating func choose(_ tick: UInt64) -> (motors: Motors, origin: Origin)? {
        guard owner != Self.nobody else { return nil }
        if hasFresh(tick) {
            isTakingUp = false
            missRun = 0
            faultRun = 0
            heldRun = 0
            return (slots[owner].motors, .fresh)
        }
        missRun &+= 1
        // Not yet back: nobody's fault, and the core flies by itself meanwhile.
        if isTakingUp { return nil }
        if inProbation, slots[standby].commandTick == tick { faultRun &+= 1 }
        // The command for the sample before serves once, but only this owner's own.
        let tick = slots[owner].commandTick
        if tick == former.tick, isOwners(slots[owner]) {
            heldRun = 0
            return (slots[owner].motors, .late)
        }
        heldRun &+= 1
        return nil
    }

    /// What comes through a gap in the fence: the last command for `tick` of a connection that was granted nothing.
    /// Nil in flight.
    @_noAllocation
    package func intruder(_ tick: UInt64) -> Motors? {
        guard fence != .whole, owner != Self.nobody else { return nil }
        var motors: Motors?
        for slot in 0..<Self.slotCount
        where slots[slot].grant == 0 && slots[slot].commandTick == tick && fence.lets(slots[slot].commandEpoch) {
            motors = slots[slot].motors
        }
        return motors
    }

    /// Whether it is of no use to wait on for commands for `tick`: whoever may drive has answered, or cannot.
    @_noAllocation
    package func isAnswered(_ tick: UInt64) -> Bool {
        guard owner != Self.nobody else { return true }
        guard fence != .whole else { return hasFresh(tick) || !slots[owner].isConnected }
        for slot in 0..<Self.slotCount where slots[slot].isConnected && slots[slot].commandTick != tick { return false }
        return true
    }

    /// While the motors are off nothing is held: the owner's silence is only noted.
    @_noAllocation
    package mutating func rest(_ tick: UInt64) {
        if hasFresh(tick) { isTakingUp = false }
        missRun = hasFresh(tick) ? 0 : missRun &+ 1
        heldRun = 0
    }

    // MARK: Restart of the core

    /// Goes on where the core before this one ended: nobody is connected, no grant holds any more, and the former
    /// owner and its standby are waited for until `tick`. A switch that was pending is forgotten.
    @_noAllocation
    package mutating func takeUp(until tick: UInt64) {
        for slot in 0..<Self.slotCount where slots[slot].isConnected { slots[slot].disconnect() }
        if pending != nil {
            pending = nil
            cause = .expired
        }
        ownerIsGone = false
        heldRun = 0
        faultRun = 0
        isTakingUp = owner != Self.nobody
        takeUpUntil = max(1, tick)
    }

    /// After a second crash within short time: an instance may be its cause. None is known from here on.
    @_noAllocation
    package mutating func giveUp(airborne: Bool) {
        if owner != Self.nobody { lose(.restarted, present.tick, airborne: airborne, isFinal: true) }
        for slot in 0..<Self.slotCount { slots[slot] = Slot() }
    }

    /// The former standby is one again as soon as it is back, be that before its owner or behind it.
    @_noAllocation
    private mutating func takeUpStandby(_ ended: UInt64) {
        if standby != Self.nobody, slots[standby].isReturned {
            slots[standby].role = .standby
        } else if standby != Self.nobody, ended >= takeUpUntil {
            standby = Self.nobody
        }
        if ended >= takeUpUntil, !isTakingUp { takeUpUntil = 0 }
    }

    /// The former owner gets a fresh epoch as soon as it is back (supports invariant 4). If it does not come in time,
    /// the standby gets control, or the failsafe.
    @_noAllocation
    private mutating func takeUpOwner(_ ended: UInt64, airborne: Bool) {
        if slots[owner].isReturned, slots[owner].grant == 0, let epoch = nextEpoch() {
            let wayBack = wayBackAsked
            // Who asked for a switch looks for this word; it must not pass before he sees it.
            own(owner, epoch, from: present.tick, cause: cause == .expired ? .expired : .restarted)
            wayBackAsked = wayBack
            isTakingUp = true
        } else if ended >= takeUpUntil {
            lose(.gone, ended, airborne: airborne, isFinal: true)
        }
    }

    // MARK: Boundary

    /// Between two ticks: the present sample's answers are all in, that of `tick`, scheduled at `scheduled` ns, comes
    /// next. Changes of owner happen here and nowhere else; one that was asked for waits until `isCalm` and, for half of
    /// its window, until both containers' commands move alike. In failsafe `isCalm` says whether it may be relieved.
    @_noAllocation
    package mutating func passBoundary(to tick: UInt64, at scheduled: UInt64, airborne: Bool, isCalm: Bool = true) {
        let ended = present.tick
        formerTick = former.tick
        former = present
        present = PublishedSample(tick: tick, scheduled: scheduled)
        compareShadows(ended)
        if takeUpUntil > 0 { takeUpStandby(ended) }
        if isTakingUp {
            takeUpOwner(ended, airborne: airborne)
        } else if owner != Self.nobody, let fault = ownerFault() {
            lose(fault, ended, airborne: airborne)
        }
        if let pending {
            if isFailsafe {
                relieve(with: pending, behind: ended, isCalm: isCalm)
            } else {
                hand(over: pending, behind: ended, isCalm: isCalm)
            }
        }
        envelopeLeft = false
        envelopeLeftForLong = false
        for slot in 0..<Self.slotCount { slots[slot].isOutOfRange = false }
    }

    /// Switches if this is the moment; lets the wish expire behind its window.
    @_noAllocation
    private mutating func hand(over wish: PendingSwitch, behind ended: UInt64, isCalm: Bool) {
        // An owner that fell silent is not waited for.
        let movesAlike =
            slots[wish.slot].kick.isSmall(at: ended) || ended >= wish.calmUntil || slots[owner].commandTick != ended
        if isCalm, movesAlike, slots[wish.slot].isInStep(at: ended, settleTicks: limits.settleTicks),
            let epoch = nextEpoch()
        {
            // An owner whose socket has closed in this very tick is no way back.
            standby = slots[owner].isConnected ? owner : Self.nobody
            own(wish.slot, epoch, from: present.tick, cause: .requested)
            if standby != Self.nobody { slots[standby].role = .standby }
        } else if ended >= wish.until {
            pending = nil
            cause = .expired
        }
    }

    /// The failsafe hands over to a container that has followed the flight and is settled: there is no owner whose state
    /// it could stand on.
    @_noAllocation
    private mutating func relieve(with wish: PendingSwitch, behind ended: UInt64, isCalm: Bool) {
        if isCalm, slots[wish.slot].isFit(at: ended, settleTicks: limits.settleTicks), let epoch = nextEpoch() {
            isFailsafe = false
            own(wish.slot, epoch, from: present.tick, cause: .requested)
        } else if ended >= wish.until {
            pending = nil
        }
    }

    /// Why the present owner must not go on; nil if it may.
    @_noAllocation
    private func ownerFault() -> SwitchCause? {
        if ownerIsGone { return .gone }
        if inProbation {
            if wayBackAsked { return .requested }
            if envelopeLeft { return .envelope }
            if slots[owner].isOutOfRange { return .range }
            if faultRun >= limits.missLimit { return .missed }
        } else if envelopeLeftForLong, wayBackTick == 0 || present.tick &- wayBackTick > limits.recoveryTicks {
            // Behind a way back it is the former owner's doing, and the new one's to mend.
            return .envelope
        }
        return heldRun >= limits.holdTicks ? .missed : nil
    }

    /// Way back to the standby if it is warm (invariant 7); else the last outputs are held for some ticks; then the
    /// failsafe.
    @_noAllocation
    private mutating func lose(_ fault: SwitchCause, _ ended: UInt64, airborne: Bool, isFinal: Bool = false) {
        if standby != Self.nobody, slots[standby].isWarm(at: ended), let epoch = nextEpoch() {
            let to = standby
            standby = Self.nobody
            own(to, epoch, from: present.tick, cause: fault)
            wayBackTick = present.tick
            return
        }
        // Who flew out of the envelope with nobody behind it is not waited for: the failsafe still recovers from there.
        let isOver =
            heldRun >= limits.holdTicks || (ownerIsGone && !airborne)
            || (fault == .envelope && standby == Self.nobody)
        guard isFinal || (silence == .bridged && isOver) else { return }
        if slots[owner].isConnected { slots[owner].role = .shadow }
        slots[owner].grant = 0
        owner = Self.nobody
        standby = Self.nobody
        pending = nil
        ownerIsGone = false
        isTakingUp = false
        cause = fault
        switchTick = present.tick
        isFailsafe = airborne
        // Without an epoch on disk the failsafe still flies: it is no container and needs no fence of its own.
        epoch = nextEpoch() ?? 0
    }

    @_noAllocation
    private mutating func own(_ slot: Int, _ newEpoch: UInt64, from tick: UInt64, cause newCause: SwitchCause) {
        // Invariant 1: at most one slot holds a grant.
        for other in 0..<Self.slotCount {
            slots[other].grant = 0
            if slots[other].role == .owner { slots[other].role = .shadow }
        }
        slots[slot].grant = newEpoch
        slots[slot].role = .owner
        owner = slot
        epoch = newEpoch
        cause = newCause
        switchTick = tick
        pending = nil
        ownerIsGone = false
        isTakingUp = false
        wayBackAsked = false
        missRun = 0
        faultRun = 0
        heldRun = 0
    }

    /// Invariant 3: epochs never repeat; each is on disk before it is granted.
    @_noAllocation
    private mutating func nextEpoch() -> UInt64? {
        guard lastEpoch < reservedEpoch else { return nil }
        lastEpoch &+= 1
        return lastEpoch
    }

    @_noAllocation
    private mutating func compareShadows(_ ended: UInt64) {
        guard owner != Self.nobody, slots[owner].commandTick == ended else { return }
        for slot in 0..<Self.slotCount where slot != owner && slots[slot].commandTick == ended {
            // What it said before it stood on a cut was another's state. The first tick on it may have no command of the
            // owner's to compare, so this is asked of each.
            if slots[slot].comparedSince != slots[slot].standsSince {
                slots[slot].divergence = Divergence()
                slots[slot].comparedSince = slots[slot].standsSince
            }
            slots[slot].divergence.take(
                slots[slot].free, slots[owner].motors, effect, idle: idle, weight: divergenceWeight)
            slots[slot].kick.take(slots[slot].free, slots[owner].motors, idle: idle, at: ended, behind: formerTick)
        }
    }
}
