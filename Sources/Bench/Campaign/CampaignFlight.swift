import Airframe
import CBoard
import CContract
import Contract
import FlightCore
import FlightKit
import FlightV1
import FlightV2
import Handover
import Simulator

/// A virtual flight in which things go wrong: the shipped core, drivers, controllers, handover machine and recovery,
/// over simulated chips, with an agent that can die. Its plan replays it to the bit.
final class CampaignFlight {
    /// ns that the containers are given for their answers, in virtual time.
    private static let answerTime: UInt64 = 80_000
    /// s after which a flight that is not down is given up, and that the agent is given on the ground.
    private static let limitSeconds = 60.0
    private static let afterSeconds = 20.0

    let plan: CampaignPlan
    let board = BenchBoard.make()
    let period: UInt64
    let world: World
    var core: FlightTick
    let pilot: ScriptedPilot
    var containers: [FaultyContainer?] = [nil, nil]
    var logs: [String: [da_command_record]] = [:]
    var agent = CampaignAgent()
    /// What became of each fault of the plan.
    var strikes: [Strike?]
    /// Of this file: what must not be, in words.
    var breaches: [String] = []
    /// When the machine did not run, ns, so that no tick was due.
    var asleep: UInt64 = 0
    var now: UInt64 = 0
    var modeBefore = FlightMode.disarmed
    var landedEarly = false
    var hasFlown = false
    private var switches: UInt64 = 0

    /// A fault that met what it was to meet.
    struct Strike {
        var slot: Int?
        var faultClass: FaultClass
        /// Of the update, when it struck.
        var phase: String
    }

    init(_ plan: CampaignPlan) {
        self.plan = plan
        period = UInt64(1_000_000_000 / board.tick_rate)
        world = World(parameters: plan.world, seed: plan.seed)
        core = FlightTick(
            board: board, bus: world.bus(0), motorBus: world.bus(0), lines: world.lines(), clock: world.clock(),
            lastEpoch: 0, reservedEpoch: EpochFile.step)
        pilot = plan.pilot
        strikes = [Strike?](repeating: nil, count: plan.faults.count)
        agent.random = RandomSource(seed: plan.seed, stream: 201)
    }

    func fly() {
        start(.v1, in: 0)
        var number: UInt64 = 0
        var start = period
        let ticks = UInt64(Self.limitSeconds * 1e9) / period
        var downSince: UInt64?
        while number < ticks {
            stall()
            // As TickLoop.run: what was slept through is skipped.
            let late = world.now > start ? world.now - start : 0
            let skipped = late < period ? 0 : late / period
            start += skipped * period
            number += 1 + skipped
            step(number, at: start, skipped: skipped)
            start += period
            if number == 1 { _ = core.grant(0) }
            if isDown, agentIsDone || start > max(downSince ?? start, asked) + UInt64(Self.afterSeconds * 1e9) { break }
            downSince = isDown ? downSince ?? start : nil
        }
        for container in containers { if let container { keepLog(container) } }
    }

    /// ns, when the update is asked for.
    private var asked: UInt64 { UInt64((pilot.manoeuvresBegin + plan.updateAt) * 1e9) }
    private var agentIsDone: Bool { agent.isAtRest && (agent.phase != nil || now > asked) }

    /// Whether the flight is over.
    private var isDown: Bool {
        core.modes.mode == .disarmed
            && (hasFlown || Double(now) / 1e9 > pilot.landingBegins || world.truth.crash != nil)
    }

    private func step(_ number: UInt64, at start: UInt64, skipped: UInt64) {
        now = start
        world.advance(to: start)
        strike()
        pilotActs(number)
        drain()
        world.transferDeadline = start + period
        core.open(number, at: start, skipped: skipped)
        noteSwitch()
        core.sense()
        let owner = core.arbiter.owner
        if owner >= 0 { exchange(owner) }
        for slot in containers.indices where slot != owner { exchange(slot) }
        world.advance(to: world.now + Self.answerTime)
        core.actuate()
        core.takeTurn()
        if core.modes.mode == .failsafe {
            // Of the last writer's candidates it is one more, with an epoch of its own.
            logs[TickLedger.failsafe, default: []].append(
                da_command_record(
                    tick: number, sample_ns: start, epoch: core.arbiter.epoch, motor: core.failsafeMotors.array))
        }
        if core.arbiter.epochsLeft < EpochFile.low {
            core.arbiter.extendReserve(to: core.arbiter.reservedEpoch + EpochFile.step)
        }
        if number % 5 == 0 { agentActs() }
        let mode = core.modes.mode
        if mode == .fly { hasFlown = true }
        if mode != modeBefore, mode == .land || mode == .failsafe, Double(now) / 1e9 < pilot.landingBegins {
            landedEarly = true
        }
        if mode == .disarmed, modeBefore != .disarmed, Double(now) / 1e9 < pilot.landingBegins { landedEarly = true }
        modeBefore = mode
    }

    // MARK: Pilot

    private func pilotActs(_ number: UInt64) {
        guard number % 10 == 0, !isActive(.pilotLoss) else { return }
        let ask = pilot.ask(at: Double(now) / 1e9)
        _ = core.takePilot(ask.setpoint)
        switch (ask.wish, core.modes.mode) {
        // Once it has flown it is not started again: it came down for a reason.
        case (.arm, .disarmed), (.takeoff, .disarmed): if !hasFlown { _ = core.arm() }
        case (.takeoff(let height), .armed): _ = core.takeOff(to: height)
        case (.land, .fly): _ = core.land()
        default: break
        }
    }

    // MARK: Containers

    func start(_ version: VirtualFlight.Version, in slot: Int) {
        let name = CampaignAgent.names[slot]
        let rate = Int(board.tick_rate)
        let container =
            switch version {
            case .v1: VirtualContainer(name, CascadeController.self, vehicle: board.vehicle, tickRate: rate)
            case .v2: VirtualContainer(name, ReducedAttitudeController.self, vehicle: board.vehicle, tickRate: rate)
            }
        containers[slot] = FaultyContainer(container)
        core.arbiter.listen(slot)
        core.arbiter.connect(slot, pid: Int32(1000 + slot))
    }

    /// The process ends, its socket closes.
    func end(_ slot: Int) {
        guard let container = containers[slot] else { return }
        keepLog(container)
        containers[slot] = nil
        if core.arbiter.slots[slot].isConnected { core.arbiter.disconnect(slot) }
    }

    private func keepLog(_ container: FaultyContainer) {
        logs[container.container.name, default: []] += container.container.log
    }

    /// What has arrived since the last tick.
    private func drain() {
        for slot in containers.indices {
            guard let container = containers[slot] else { continue }
            let arrived = container.takeArrived()
            for command in arrived where core.arbiter.slots[slot].isConnected { _ = core.take(command, from: slot) }
        }
    }

    private func exchange(_ slot: Int) {
        guard let container = containers[slot], core.arbiter.slots[slot].isConnected else { return }
        let sample = core.sample(for: slot)
        var active: [FaultKind] = []
        for index in strikes.indices where strikes[index]?.slot == slot && plan.faults[index].isActive(now) {
            active.append(plan.faults[index].kind)
        }
        for command in container.answer(sample, active, now: now) {
            _ = core.take(command, from: slot)
        }
    }

    private func noteSwitch() {
        guard core.arbiter.switchTick != switches else { return }
        switches = core.arbiter.switchTick
        guard core.arbiter.switchTick == core.tick, core.arbiter.inProbation else { return }
        for (index, fault) in plan.faults.enumerated() where fault.kind == .switchNack && strikes[index] == nil {
            note(index, slot: nil)
            world.faults.add(ChipFault(.nackAddress, .time(now), address: board.motor_address))
            world.faults.add(ChipFault(.nackAddress, .time(now), address: board.imu_address))
        }
    }

    var status: da_status { core.status() }
    var encoding: PCA9685.Encoding { core.encoding }
}
