import Airframe
import CBoard
import CContract
import Contract
import FlightCore
import Simulator

/// A flight core on a simulated world in virtual time, with instances that a test plays by hand.
final class Rig {
    let world: World
    let board: da_board
    var tick: FlightTick
    private(set) var number: UInt64 = 0
    private(set) var status = da_status()
    /// Answers of the instances by slot; nil: silent.
    var answer: [(da_sample, Truth) -> da_command?] = Array(repeating: { _, _ in nil }, count: Arbiter.slotCount)
    /// The setpoint over the control socket, sent every tick; nil: nobody speaks there.
    var pilot: da_setpoint? = da_setpoint()
    let period: UInt64
    /// Transfers are given up at the tick's end, as by the core's guard.
    var isGuarded = false

    init(
        _ board: da_board = testBoard(), parameters: WorldParameters? = nil, seed: UInt64 = 1, lastEpoch: UInt64 = 0,
        reservedEpoch: UInt64 = 64
    ) {
        self.board = board
        period = 1_000_000_000 / UInt64(board.tick_rate)
        world = World(parameters: parameters ?? WorldParameters(board: board), seed: seed)
        let motorBus = world.parameters.wiring.motorBus
        tick = FlightTick(
            board: board, bus: world.bus(0), motorBus: world.bus(motorBus), lines: world.lines(), edges: world.edges(),
            clock: world.clock(), lastEpoch: lastEpoch, reservedEpoch: reservedEpoch)
    }

    var mode: FlightMode { tick.modes.mode }

    /// The next `step` comes so many ticks later.
    func skip(_ ticks: UInt64) { pendingSkip += ticks }
    private var pendingSkip: UInt64 = 0

    /// One tick; `skipping` ticks before it are slept through.
    func step(skipping: UInt64 = 0) {
        let skipped = skipping + pendingSkip
        pendingSkip = 0
        number += 1 + skipped
        let start = number * period
        world.advance(to: start)
        if isGuarded { world.transferDeadline = start + period }
        if let pilot { _ = tick.takePilot(pilot) }
        tick.open(number, at: start, skipped: skipped)
        tick.sense()
        let truth = world.truth
        for slot in 0..<Arbiter.slotCount where tick.arbiter.slots[slot].isConnected {
            if let command = answer[slot](tick.sample(for: slot), truth) { _ = tick.take(command, from: slot) }
        }
        tick.actuate()
        tick.takeTurn()
        status = tick.status()
    }

    func run(_ ticks: Int) { for _ in 0..<ticks { step() } }

    /// Ticks until `done`, at most `limit`; whether it was.
    func run(until done: () -> Bool, limit: Int) -> Bool {
        for _ in 0..<limit {
            if done() { return true }
            step()
        }
        return done()
    }

    /// Attaches an instance that answers with `answer`.
    func connect(_ slot: Int, _ answer: @escaping (da_sample, Truth) -> da_command?) {
        self.answer[slot] = answer
        tick.arbiter.listen(slot)
        tick.arbiter.connect(slot, pid: 1)
    }

    /// An owner in slot 0, ready to arm. Returns the reasons that still speak against it.
    func prepare(_ answer: @escaping (da_sample, Truth) -> da_command?) -> UInt32 {
        connect(0, answer)
        step()
        _ = tick.grant(0)
        _ = run(until: { tick.armingReasons() == 0 }, limit: 3000)
        return tick.armingReasons()
    }
}

/// A command in good order for `sample`.
func reply(_ sample: da_sample, _ motors: Motors, stateTick: UInt64 = 0, settled: Bool = true) -> da_command {
    var command = da_command.make()
    command.tick = sample.tick
    command.sample_ns = sample.scheduled_ns
    command.epoch = sample.your_epoch
    command.state_tick = stateTick
    command.motor = motors.array
    command.free = motors.array
    command.flags = settled ? UInt32(DA_COMMAND_SETTLED.rawValue) : 0
    return command
}

/// Flies by what is really so: no part of the product, good enough to bring a core into the air.
final class TruthController {
    let airframe: AirframeParameters
    private var height = 0.0
    /// rad/s, most that it asks for.
    private let rateLimit = 4.0

    init(_ airframe: AirframeParameters) { self.airframe = airframe }

    func motors(_ sample: da_sample, _ truth: Truth) -> Motors {
        let mode = FlightMode(rawValue: sample.mode) ?? .disarmed
        guard mode != .disarmed, mode != .armed else {
            height = truth.altitude
            return Motors(repeating: mode == .armed ? 0.08 : 0)
        }
        height += Double(sample.setpoint.climb) / 500
        let sinking = Double(sample.setpoint.climb) + truth.velocity.z
        let lift = airframe.mass * (gravity + 4 * (height - truth.altitude) + 4 * sinking)
        func limited(_ rate: Double) -> Double { max(-rateLimit, min(rateLimit, rate)) }
        let wanted = Vector(
            limited(8 * (Double(sample.setpoint.roll) - truth.attitude.roll)),
            limited(8 * (Double(sample.setpoint.pitch) - truth.attitude.pitch)), Double(sample.setpoint.yaw_rate))
        let torque = airframe.inertia * Vector(20, 20, 8) * (wanted - truth.rate)
        let share = lift / max(0.5, truth.attitude.downInBody.z) / 4
        var motors = Motors(repeating: 0)
        for motor in 0..<4 {
            let thrust =
                share - torque.x / (4 * airframe.motorY[motor]) + torque.y / (4 * airframe.motorX[motor])
                + torque.z * airframe.spin[motor] / (4 * airframe.momentRatio)
            motors[motor] = Float(max(0.0064, min(1, thrust / airframe.thrustMax)).squareRoot())
        }
        return motors
    }
}
