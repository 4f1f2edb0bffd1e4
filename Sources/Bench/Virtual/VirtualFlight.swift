internal import Airframe
import CBoard
package import CContract
package import Contract
package import FlightCore
import FlightKit
import FlightV1
import FlightV2
package import Handover
package import Rehearsal
import Shadow
package import Simulator

/// A whole flight in one process and virtual time: the shipped core, controllers, drivers, encoders and handover
/// machine over the simulated chips. The seed replays it exactly.
package final class VirtualFlight {
    package enum Version: Sendable {
        case v1
        case v2

        /// Every channel that an update between two of this version sends.
        package var sentChannels: [String] {
            switch self {
            case .v1: CascadeController.offers.map(\.name)
            case .v2: ReducedAttitudeController.offers.map(\.name)
            }
        }
    }

    /// Makes a container of that name.
    package typealias Candidate = @Sendable (_ name: String, da_vehicle, _ tickRate: Int) -> VirtualContainer

    package struct Options: Sendable {
        package var seed: UInt64
        /// What takes off.
        package var first = Version.v1
        /// What it is updated to; nil: no update.
        package var next: Version?
        /// What it is updated to in place of `next`.
        package var candidate: Candidate?
        /// Whether the candidate flies the vehicle model first.
        package var rehearses = false
        /// s of manoeuvres.
        package var manoeuvreSeconds = 14.0
        /// s after the first manoeuvre at which the update is asked for.
        package var updateAt = 2.0
        package var policy = HandoverPolicy()
        /// Channels in which the candidate keeps its own state: shows that a flight needs each.
        package var omittedChannels: Set<String> = []
        /// Channels that every cut brings as a container has them that never saw a sample.
        package var coldChannels: Set<String> = []
        /// Show that the verdict fails without the whole fence, or where silence is not bridged.
        package var fence = Fence.whole
        package var silence = Silence.bridged
        package var interference = Interference()
        /// In order of their ticks.
        package var crashes: [CoreCrash] = []
        /// What the core records of it; nil: nothing.
        package var log: VirtualLog?
        package let board: da_board
        package var world: WorldParameters

        fileprivate var isUpdate: Bool { next != nil || candidate != nil }

        package init(seed: UInt64, board: da_board = BenchBoard.make()) {
            self.seed = seed
            self.board = board
            world = WorldParameters(board: board)
            policy.probationSeconds = 3
            policy.tickRate = Double(board.tick_rate)
        }

        /// Of a tick, ns.
        package var period: UInt64 { 1_000_000_000 / UInt64(board.tick_rate) }
    }

    package struct Result {
        package var motors: [MotorRecord]
        package var truth: [TruthRecord]
        package var logs: [String: [da_command_record]]
        package var outcome: HandoverOutcome?
        /// Of the candidate, when its time in shadow ended.
        package var gains = AxisGains()
        package var rehearsal: RehearsalVerdict?
        package var phases: [(phase: HandoverPhase, at: UInt64)]
        package var switchTick: UInt64
        /// rad, rad/s, of the true vehicle at the switch.
        package var tiltAtSwitch: Double
        package var rateAtSwitch: Double
        package var crash: Crash?
        package var endMode: FlightMode
        package var status: da_status
        package var encoding: PCA9685.Encoding
    }

    /// ns that a controller is given for its answer, in virtual time.
    private static let answerTime: UInt64 = 80_000
    /// s after which a flight is given up: longer than any script and landing.
    private static let limitSeconds = 120.0

    /// A slot that no container has.
    private static let watcher = 3
    /// Samples that a cold candidate watches before its rehearsal: 1.2 s, for channels that want 1 s.
    private static let watched = 600

    private let options: Options
    private let board: da_board
    private let world: World
    private var core: FlightTick
    private let pilot: ScriptedPilot
    private var containers: [VirtualContainer?] = [nil, nil, nil, nil]
    private var agent: VirtualAgent
    private var switchTick: UInt64 = 0
    private var tiltAtSwitch = 0.0
    private var rateAtSwitch = 0.0
    private let keeper: VirtualKeeper?
    private var crashes: ArraySlice<CoreCrash>
    /// Of the last crash: first tick of the next core, and that in which the instances are back.
    private var restartAt: UInt64 = 0
    private var returnAt: UInt64?
    private var gainsInShadow = AxisGains()
    private var rehearsal: RehearsalVerdict?
    /// The newest samples, for a rehearsal.
    private var samples: [da_sample] = []

    package init(_ options: Options) {
        self.options = options
        board = options.board
        world = World(parameters: options.world, seed: options.seed)
        core = FlightTick(
            board: board, bus: world.bus(0), motorBus: world.bus(board.motor_bus_speed == 0 ? 0 : 1),
            lines: world.lines(), clock: world.clock(), lastEpoch: 0, reservedEpoch: 1000, fence: options.fence,
            silence: options.silence)
        pilot = ScriptedPilot(manoeuvreSeconds: options.manoeuvreSeconds)
        agent = VirtualAgent(options.policy, seed: options.seed, rehearses: options.rehearses)
        keeper = options.crashes.isEmpty ? nil : VirtualKeeper()
        crashes = options.crashes[...]
    }

    package func fly() -> Result {
        attach(make(options.first, "first"), to: 0)
        let period = options.period
        let ticks = UInt64(Self.limitSeconds * Double(board.tick_rate))
        for number in 1...ticks {
            step(number, at: number * period)
            if number == 1 { _ = core.grant(0) }
            let seconds = Double(number * period) / 1e9
            if seconds > pilot.landingBegins + 1, core.modes.mode == .disarmed { break }
        }
        return result()
    }

    private func step(_ number: UInt64, at start: UInt64) {
        world.advance(to: start)
        guard number >= restartAt else { return }
        let skipped = number == restartAt ? restart(number) : 0
        if number == returnAt { comeBack() }
        pilotActs(number, at: start)
        core.open(number, at: start, skipped: skipped)
        keeper?.keepChange(core, now: world.now)
        if dies(number, .opened) { return }
        noteSwitch()
        core.sense()
        if options.rehearses { remember(core.sample(for: Self.watcher)) }
        let owner = core.arbiter.owner
        if owner >= 0 { exchange(owner) }
        for slot in 0..<containers.count where slot != owner { exchange(slot) }
        world.advance(to: world.now + Self.answerTime)
        if dies(number, .answered) { return }
        core.actuate()
        if dies(number, .written) { return }
        keeper?.keep(core, now: world.now)
        if dies(number, .kept) { return }
        options.log?.take(core.record(published: world.now, commanded: world.now))
        core.takeTurn()
        if number % 5 == 0 { agentActs(at: start) }
    }

    // MARK: Crash of the core

    /// Whether the core dies here. What it was doing on the bus it has done.
    private func dies(_ number: UInt64, _ moment: CoreCrash.Moment) -> Bool {
        guard let crash = crashes.first, crash.tick <= number, crash.moment == moment else { return false }
        crashes.removeFirst()
        restartAt = number + crash.deadTicks + 1
        returnAt = crash.returnTicks.map { restartAt + $0 }
        return true
    }

    /// A new core on what the old one kept; returns the ticks that no core saw.
    private func restart(_ number: UInt64) -> UInt64 {
        guard let former = keeper?.latest else { return 0 }
        core = FlightTick(
            board: board, bus: world.bus(0), motorBus: world.bus(board.motor_bus_speed == 0 ? 0 : 1),
            lines: world.lines(), clock: world.clock(),
            lastEpoch: former.arbiter.lastEpoch, reservedEpoch: former.arbiter.reservedEpoch, fence: options.fence)
        core.takeUp(former, now: world.now)
        return number - former.tick - 1
    }

    private func comeBack() {
        for slot in 0..<containers.count where containers[slot] != nil {
            core.arbiter.connect(slot, pid: Int32(1000 + slot))
        }
    }

    private func exchange(_ slot: Int) {
        guard var container = containers[slot], core.arbiter.slots[slot].isConnected else { return }
        if let version = options.interference.replaces(container.name, core.tick) {
            container = make(version, container.name)
            containers[slot] = container
        }
        guard !options.interference.closes(container.name, core.tick) else { return core.arbiter.disconnect(slot) }
        let command = container.answer(options.interference.received(container.name, core.sample(for: slot)))
        if options.interference.arrives(container.name, core.tick) { _ = core.take(command, from: slot) }
    }

    private func attach(_ container: VirtualContainer, to slot: Int) {
        containers[slot] = container
        options.log?.names[slot] = container.name
        core.arbiter.listen(slot)
        core.arbiter.connect(slot, pid: Int32(1000 + slot))
    }

    private func make(_ version: Version, _ name: String) -> VirtualContainer {
        switch version {
        case .v1: VirtualContainer(name, CascadeController.self, vehicle: board.vehicle, tickRate: Int(board.tick_rate))
        case .v2:
            VirtualContainer(
                name, ReducedAttitudeController.self, vehicle: board.vehicle, tickRate: Int(board.tick_rate))
        }
    }

    private func noteSwitch() {
        guard core.arbiter.inProbation, switchTick == 0 else { return }
        switchTick = core.arbiter.switchTick
        tiltAtSwitch = world.truth.tilt
        rateAtSwitch = world.truth.rate.norm
    }

    // MARK: Pilot

    private func pilotActs(_ number: UInt64, at start: UInt64) {
        guard number % 10 == 0 else { return }
        let ask = pilot.ask(at: Double(start) / 1e9)
        _ = core.takePilot(ask.setpoint)
        switch (ask.wish, core.modes.mode) {
        case (.arm, .disarmed): _ = core.arm()
        case (.takeoff(let height), .armed): _ = core.takeOff(to: height)
        case (.land, .fly): _ = core.land()
        default: break
        }
    }

    // MARK: Rehearsal

    private func remember(_ sample: da_sample) {
        samples.append(sample)
        if samples.count > 2 * Self.watched { samples.removeFirst(Self.watched) }
    }

    /// Another container of the candidate watches the newest samples, takes over the owner's state, and flies the model.
    private func rehearse() -> HandoverEvent {
        guard let sample = samples.last, let container = makeCandidate("rehearsal") else {
            return .rehearsed
        }
        for sample in samples.suffix(Self.watched) { _ = container.answer(sample) }
        if let owner = containers[0] { _ = container.apply(owner.cut()) }
        var flight = RehearsalFlight(
            RehearsalStart(
                vehicle: board.vehicle, tickRate: Int(board.tick_rate), sample: sample, roll: core.state.attitude.roll,
                pitch: core.state.attitude.pitch, climb: core.state.climb))
        for _ in 0...flight.ticks where flight.verdict == nil { flight.take(container.answer(flight.next())) }
        rehearsal = flight.verdict
        guard let fault = flight.verdict?.fault else { return .rehearsed }
        return .failed("The new version failed its rehearsal: \(fault).")
    }

    // MARK: Agent

    private func agentActs(at now: UInt64) {
        let seconds = Double(now) / 1e9
        if options.isUpdate, seconds >= pilot.manoeuvresBegin + options.updateAt, agent.outcome == nil,
            agent.machine.phase == .idle
        {
            agent.post(.requested(HandoverRequest(owner: "first", candidate: "next", isDryRun: false)), at: now)
        }
        if let owner = containers[max(0, core.arbiter.owner)], agent.isStreaming(now) {
            agent.cutSent(chilled(owner.cut()), at: now)
        }
        if let cut = agent.cutDue(now), let candidate = containers[1] {
            switch candidate.apply(cut, without: options.omittedChannels) {
            case .applied: agent.cutApplied(cut.tick, ready: candidate.isSettled, at: now)
            case .early: agent.keep(cut)
            case .old, .unreadable, .refusedAsOwner: break
            }
        }
        agent.post(.core(view()), at: now)
        for order in agent.run(at: now) { carryOut(order, at: now) }
    }

    private func makeCandidate(_ name: String) -> VirtualContainer? {
        if let candidate = options.candidate { return candidate(name, board.vehicle, Int(board.tick_rate)) }
        return options.next.map { make($0, name) }
    }

    private func chilled(_ cut: StateCut) -> StateCut {
        guard !options.coldChannels.isEmpty, let next = options.next else { return cut }
        let cold = make(next, "cold").cut().channels
        let channels = cut.channels.map { channel in
            guard options.coldChannels.contains(channel.name) else { return channel }
            return cold.first { $0.name == channel.name } ?? channel
        }
        return StateCut(tick: cut.tick, channels: channels)
    }

    private func carryOut(_ action: HandoverAction, at now: UInt64) {
        switch action {
        case .start:
            guard let candidate = makeCandidate("next") else { return }
            attach(candidate, to: 1)
            agent.post(.started, at: now)
            agent.post(.offered(containers[0]?.offers ?? []), at: now)
            agent.post(.needed(candidate.needs), at: now)
        case .rehearse: if options.rehearses { agent.post(rehearse(), at: now) }
        case .requestSwitch(let ticks): _ = core.requestSwitch(to: 1, within: ticks)
        case .cancelSwitch: core.arbiter.cancelSwitch()
        case .commit: _ = core.arbiter.commit()
        case .rollback: _ = core.arbiter.requestWayBack()
        case .stopOld: stop(0, at: now)
        case .stopCandidate: stop(1, at: now)
        case .pull, .verify, .stream, .forwardCut, .planned, .entered, .finished, .want, .forwardBlocks, .forwardTaken:
            break
        }
    }

    private func stop(_ slot: Int, at now: UInt64) {
        core.arbiter.disconnect(slot)
        if let container = containers[slot] { stoppedLogs[container.name] = container.log }
        containers[slot] = nil
        agent.post(.stopped, at: now)
    }
    private var stoppedLogs: [String: [da_command_record]] = [:]

    private func view() -> CoreView {
        let arbiter = core.arbiter
        let name = arbiter.owner >= 0 ? containers[arbiter.owner]?.name ?? "" : ""
        let slot = arbiter.slots[1]
        let gains = AxisGains(slot.divergence.gains.gain.array, known: slot.divergence.gains.excited)
        if agent.machine.phase == .shadowing { gainsInShadow = gains }
        let candidate = CandidateView(
            answeredTick: slot.answered, inStepSince: slot.standsSince, isSettled: slot.isSettled, late: slot.late,
            divergence: slot.divergence.command, angularDivergence: slot.divergence.angular,
            gains: gains)
        return CoreView(
            tick: core.tick, owner: name, mode: core.modes.mode, inProbation: arbiter.inProbation,
            switchPending: arbiter.switchPending, cause: arbiter.cause, switchTick: arbiter.switchTick,
            tilt: core.state.tilt, rate: core.sensors.gyro.norm, height: core.state.height,
            trouble: ArmingReasons(rawValue: core.modes.mode == .disarmed ? 0 : core.flightTrouble()),
            candidate: slot.isConnected ? candidate : nil)
    }

    private func result() -> Result {
        options.log?.finish()
        var logs = stoppedLogs
        for case let container? in containers { logs[container.name] = container.log }
        return Result(
            motors: world.motorLog.records, truth: world.truthLog.records, logs: logs, outcome: agent.outcome,
            gains: gainsInShadow, rehearsal: rehearsal, phases: agent.phases, switchTick: switchTick,
            tiltAtSwitch: tiltAtSwitch, rateAtSwitch: rateAtSwitch,
            crash: world.truth.crash, endMode: core.modes.mode, status: core.status(), encoding: core.encoding)
    }
}
