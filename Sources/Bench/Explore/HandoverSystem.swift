import CContract
import Contract
package import FlightCore
import Handover

/// One update as a whole: the shipped arbiter, the shipped handover machine and the shipped judgements of ending and
/// recovery, with containers, engine, queue and journal reduced to what they can do to those. Time is ticks.
package struct HandoverSystem: Explorable {
    /// ns.
    static let period: UInt64 = 2_000_000
    static let names = ["old", "new"]
    /// Messages that are on their way at most; what finds no room is dropped, as in the agent.
    private static let bagMax = 6

    /// What is explored.
    package struct Options: Sendable {
        /// Faults and events of a flight, at most.
        package var faults: Int
        /// Epochs in reserve at the start; no more are written when the disk is full.
        package var epochs: UInt64 = 16
        package var diskIsFull = false
        /// Another than the whole one is a seeded bug: for showing that the walk finds it.
        package var fence = Fence.whole

        package init(faults: Int) { self.faults = faults }
    }

    enum Message: Hashable {
        case streamOn, streamOff
        case cutUp(UInt64)
        case cutDown(UInt64)
        case applied(UInt64)
        case ready(UInt64)
        case needed
        case exited(Int)

        var isForAgent: Bool {
            switch self {
            case .streamOn, .streamOff, .cutDown: false
            case .cutUp, .applied, .ready, .needed, .exited: true
            }
        }
    }

    let options: Options
    var arbiter: Arbiter
    /// Number of the present tick.
    var tick: UInt64 = 0
    /// The epoch file.
    var epochsOnDisk: UInt64
    var containers: InlineArray<2, ModelContainer> = [.flying(), ModelContainer()]
    var agent = ModelAgent()
    var journal = ModelJournal()
    var bag: [Message] = []
    var faultsLeft: Int
    /// Ticks in a row that passed although somebody could have gone on.
    var lag = 0

    // What has happened, for judging.
    var highestEpoch: UInt64 = 0
    var hasSwitched = false
    var oldWasStruck = false
    var newWasStruck = false
    /// It started anew, or serves no instance any more.
    var coreWasRestarted = false
    var coreWasTakenUp = false
    var wasUndone = false
    var wayBackIsDue = false
    /// The first invariant that was broken.
    var breach: String?

    package init(_ options: Options) {
        self.options = options
        faultsLeft = options.faults
        epochsOnDisk = options.epochs
        arbiter = Arbiter(Self.board, lastEpoch: 0, reservedEpoch: options.epochs, fence: options.fence)
        for slot in 0..<1 {
            arbiter.listen(slot)
            arbiter.connect(slot, pid: Self.pid(slot))
        }
        _ = arbiter.grant(0)
        highestEpoch = arbiter.epoch
        for _ in 0..<3 { passTick(.none) }
        begin()
    }

    var now: UInt64 { tick &* Self.period }
    static func pid(_ slot: Int) -> Int32 { Int32(slot) + 1 }

    /// Limits in ticks, as small as they can be without one meeting another.
    private static let board: da_board = {
        var board = BenchBoard.make()
        board.hold_ticks = 2
        board.miss_limit = 2
        board.settle_ticks = 1
        return board
    }()

    static let policy: HandoverPolicy = {
        func ticks(_ count: Double) -> Double { count * Double(period) / 1e9 }
        var policy = HandoverPolicy()
        policy.cutInterval = 1
        policy.cutWindow = 1
        policy.shadowSeconds = ticks(1)
        policy.probationSeconds = ticks(3)
        policy.lateLimit = 0
        policy.switchTicks = 2
        policy.pullLimit = ticks(2)
        policy.verifyLimit = ticks(2)
        policy.startLimit = ticks(4)
        policy.planLimit = ticks(2)
        policy.rehearseLimit = ticks(2)
        policy.syncLimit = ticks(3)
        policy.shadowLimit = ticks(5)
        policy.switchLimit = ticks(3)
        policy.commitLimit = ticks(4)
        policy.undoLimit = ticks(5)
        policy.silenceLimit = ticks(3)
        return policy
    }()

    package var isSettled: Bool {
        agent.isAlive && agent.machine == nil && agent.work == .none && bag.isEmpty && journal.outcome != nil
            && containers[0].life != .hung && containers[1].life != .hung && !arbiter.ownerIsGone
            && !arbiter.wayBackAsked && !arbiter.isTakingUp
    }

    // MARK: Ticks

    /// The core's tick as `TickLoop.step` makes it: what has arrived is taken, the boundary passed, the sample published
    /// and answered, the motors' values chosen.
    mutating func passTick(_ event: TickEvent) {
        lag = isSomebodyDue ? lag + 1 : 0
        if agent.stall > 0 { agent.stall -= 1 }
        for slot in 0..<2 {
            let arrived = containers[slot].onTheWay
            containers[slot].onTheWay = []
            for command in arrived where arbiter.slots[slot].isConnected { _ = arbiter.take(command, from: slot) }
        }
        if event == .envelope { arbiter.noteEnvelopeLeft(forLong: true) }
        let before = (owner: arbiter.owner, standby: arbiter.standby, epochs: arbiter.epochsLeft)
        let mustGoBack =
            arbiter.inProbation && !arbiter.isTakingUp && before.epochs > 0
            && arbiter.slots[before.standby].isWarm(at: tick)
            && (wayBackIsDue || event == .envelope || !arbiter.slots[before.owner].isConnected)
        tick &+= event == .sleep ? 2 : 1
        arbiter.passBoundary(to: tick, at: now, airborne: true)
        wayBackIsDue = false
        if mustGoBack { check(arbiter.owner == before.standby, "7: a failure in probation gives control back") }
        checkBoundary()
        reserveEpochs()
        for slot in 0..<2 { publish(to: slot, event) }
        actuate()
        agent.hasLooked = false
        agent.isWaiting = false
        let isOnItsWay = bag.contains { message in
            switch message {
            case .cutUp, .cutDown, .applied, .ready: true
            case .streamOn, .streamOff, .needed, .exited: false
            }
        }
        if containers[0].life == .running, containers[0].isStreaming, !isOnItsWay {
            post(.cutUp(containers[0].seen.tick))
        }
    }

    private mutating func publish(to slot: Int, _ event: TickEvent) {
        guard arbiter.slots[slot].isConnected, containers[slot].isThere else { return }
        let grant = arbiter.slots[slot].grant
        containers[slot].receive(
            ModelContainer.Seen(tick: tick, epoch: grant, owns: grant != 0 && grant == arbiter.epoch))
        guard containers[slot].life == .running else { return }
        var command = containers[slot].command(from: slot)
        switch event {
        case .range(slot):
            command.motor.0 = 2
            if slot == arbiter.owner { wayBackIsDue = arbiter.inProbation }
        case .late(slot): return containers[slot].onTheWay.append(command)
        case .lost(slot): return
        case .replay(slot, let claim):
            // Beside its answer, one that claims what is not its own.
            let epoch = claim == .itsOwnPast ? containers[slot].granted : arbiter.epoch
            _ = arbiter.take(
                ModelContainer.command(
                    from: slot, tick: tick, epoch: epoch, state: containers[slot].standsOn, isSettled: true),
                from: slot)
            if arbiter.slots[slot].answered == tick { return }
        case .none, .sleep, .envelope, .range, .late, .lost, .replay: break
        }
        _ = arbiter.take(command, from: slot)
    }

    /// The slow thread: epochs go on disk before the tick may use them.
    private mutating func reserveEpochs() {
        guard !options.diskIsFull, arbiter.epochsLeft < EpochFile.low else { return }
        epochsOnDisk = arbiter.reservedEpoch + EpochFile.step
        arbiter.extendReserve(to: epochsOnDisk)
    }

    // MARK: The queue and the user

    mutating func post(_ message: Message) {
        if bag.count < Self.bagMax { bag.append(message) }
    }

    /// A message arrives, in whatever order.
    mutating func deliver(_ message: Message) {
        switch message {
        case .streamOn: containers[0].isStreaming = true
        case .streamOff: containers[0].isStreaming = false
        case .cutUp(let tick): feed(.cutArrived(tick: tick, bytes: 8))
        case .cutDown(let tick):
            guard containers[1].apply(cutOf: tick) else { return }
            post(.applied(tick))
            post(.ready(tick))
        case .applied(let tick): feed(.applied(tick: tick))
        case .ready(let tick): feed(.candidateReady(tick: tick))
        case .needed: feed(.needed(Self.needs))
        case .exited(let slot): feed(.exited(instance: Self.names[slot], "killed"))
        }
    }

    static let offers = [ChannelOffer(name: "state", schema: 1, kind: .replicate, bytes: 8, rate: 50)]
    private static let needs = [
        ChannelNeed(name: "state", schemas: 1...1, kind: .replicate, required: true, settleMilliseconds: 0)
    ]

    /// The update is asked for.
    private mutating func begin() {
        journal.phase = .pulling
        agent.machine = HandoverMachine(policy: Self.policy)
        feed(.requested(HandoverRequest(owner: Self.names[0], candidate: Self.names[1], isDryRun: false)))
    }

    /// A container's process ends; its socket closes with it.
    mutating func endProcess(_ slot: Int, to life: ModelContainer.Life) {
        containers[slot] = ModelContainer()
        containers[slot].life = life
        if arbiter.slots[slot].isConnected { arbiter.disconnect(slot) }
    }

    /// Ticks for which a restarted core waits for its former owner.
    private static let returnTicks: UInt64 = 3

    /// The core is restarted: all sockets are closed. With the record of the flight it goes on (`FlightTick.takeUp`), a
    /// second time without its instances; without the record it starts anew, on the epoch file of the one before.
    mutating func restartCore(hasRecord: Bool) {
        for slot in 0..<2 {
            containers[slot].unread = []
            containers[slot].onTheWay = []
        }
        wayBackIsDue = false
        if hasRecord {
            arbiter.takeUp(until: tick &+ Self.returnTicks)
            if coreWasTakenUp {
                arbiter.giveUp(airborne: true)
                coreWasRestarted = true
            }
            coreWasTakenUp = true
            return
        }
        let last = epochsOnDisk
        if !options.diskIsFull { epochsOnDisk += EpochFile.step }
        arbiter = Arbiter(Self.board, lastEpoch: last, reservedEpoch: epochsOnDisk, fence: options.fence)
        arbiter.passBoundary(to: tick, at: now, airborne: true)
        for slot in 0..<2 where containers[slot].isThere { arbiter.listen(slot) }
        coreWasRestarted = true
    }
}
