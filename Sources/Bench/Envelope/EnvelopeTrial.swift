import Airframe
import CContract
import Contract
import FlightCore
import FlightV1
import Rehearsal
import Simulator

/// One flight in which an owner drives the vehicle out of its envelope on purpose, and what takes over then: the shipped
/// core, v1 as standby or the core's failsafe, over the simulated chips in virtual time.
struct EnvelopeTrial {
    /// What has to be left for the take-over.
    enum Limit: Equatable, CaseIterable {
        /// rad, rad/s, m/s.
        case tilt
        case rate
        case descent
    }
    /// Who takes over.
    enum Way: Equatable, CaseIterable {
        case standby
        case failsafe
    }
    enum End: Equatable {
        /// Steady again: s behind the take-over, m below the height of the take-over.
        case recovered(seconds: Double, lost: Double)
        case lost
        /// This push does not come to that limit.
        case notReached
    }

    var limit: Limit
    /// rad, rad/s or m/s.
    var value: Double
    var way: Way
    var vehicle: VehicleVariant
    /// Motors that the owner gives more, a bit each; the others get less.
    var push: Int
    /// All they have, and idle; or a little more and less than they hovered with, so that it tilts and sinks slowly.
    var isHard: Bool

    /// m at which the push begins: what a recovery may lose is far less.
    static let height: Float = 12
    /// s: longest push, and longest recovery, some five times what a good one takes.
    private static let pushSeconds = 5.0
    private static let recoverySeconds = 4.0
    /// Steady: rad, rad/s, and for how long, s.
    private static let (steadyTilt, steadyRate, steadySeconds) = (0.35, 1.0, 0.2)
    /// m above the ground below which it counts as lost.
    private static let clearance = 0.3

    private var board: da_board {
        var board = BenchBoard.make()
        switch limit {
        case .tilt: board.tilt_max = Float(value)
        case .rate: board.rate_max = Float(value)
        case .descent: board.descent_max = Float(value)
        }
        return board
    }

    func fly() -> End {
        var flight = Flight(board, vehicle)
        guard flight.rise(to: Self.height), flight.handOver(way) else { return .lost }
        guard flight.push(push, isHard: isHard, seconds: Self.pushSeconds) else {
            return flight.world.truth.crash == nil ? .notReached : .lost
        }
        let from = flight.world.truth.altitude
        var (lowest, steady) = (from, 0.0)
        for tick in 1...Int(Self.recoverySeconds * 500) {
            flight.step()
            let truth = flight.world.truth
            lowest = min(lowest, truth.altitude)
            guard truth.crash == nil, truth.altitude > Self.clearance else { return .lost }
            steady = truth.tilt < Self.steadyTilt && truth.rate.norm < Self.steadyRate ? steady + 0.002 : 0
            if steady >= Self.steadySeconds {
                return .recovered(seconds: Double(tick) * 0.002 - steady, lost: from - lowest)
            }
        }
        return .lost
    }
}

/// The core, v1 in slot 0, and in slot 1 an owner that repeats v1's commands until it is told to push.
private struct Flight: ~Copyable {
    let world: World
    private var core: FlightTick
    private let container: VirtualContainer
    private var number: UInt64 = 0
    /// v1's last command; and what the other one gives in its place.
    private var said = Motors(repeating: 0)
    private var pushed: Motors?
    private let idle: Float
    /// Part of the hover command that a gentle push adds and takes: turns at some 10 rad/s².
    private static let gentle: Float = 0.05

    init(_ board: da_board, _ vehicle: VehicleVariant) {
        var parameters = WorldParameters(board: board)
        parameters.airframe = vehicle.applied(to: parameters.airframe)
        world = World(parameters: parameters, seed: 1)
        core = FlightTick(
            board: board, bus: world.bus(0), motorBus: world.bus(0), lines: world.lines(), clock: world.clock(),
            lastEpoch: 0, reservedEpoch: 64)
        container = VirtualContainer("v1", CascadeController.self, vehicle: board.vehicle, tickRate: 500)
        idle = board.vehicle.command_idle
    }

    mutating func step() {
        number += 1
        let start = number * 2_000_000
        world.advance(to: start)
        _ = core.takePilot(da_setpoint())
        core.open(number, at: start, skipped: 0)
        core.sense()
        for slot in 0..<2 where core.arbiter.slots[slot].isConnected {
            _ = core.take(answer(core.sample(for: slot), slot), from: slot)
        }
        core.actuate()
        core.takeTurn()
    }

    private mutating func answer(_ sample: da_sample, _ slot: Int) -> da_command {
        if slot == 0 {
            let command = container.answer(sample)
            said = Motors(command.motor)
            return command
        }
        var command = da_command.make()
        command.tick = sample.tick
        command.sample_ns = sample.scheduled_ns
        command.epoch = sample.your_epoch
        command.state_tick = sample.tick - 1
        command.motor = (pushed ?? said).array
        command.free = command.motor
        command.flags = UInt32(DA_COMMAND_SETTLED.rawValue)
        return command
    }

    /// Steps until `isSo`, at most so many s.
    private mutating func run(_ seconds: Double, until isSo: (borrowing FlightTick) -> Bool) -> Bool {
        for _ in 0..<Int(seconds * 500) {
            if isSo(core) { return true }
            step()
        }
        return isSo(core)
    }

    mutating func rise(to height: Float) -> Bool {
        core.arbiter.listen(0)
        core.arbiter.connect(0, pid: 1)
        step()
        guard core.grant(0) == .none, run(5, until: { $0.armingReasons() == 0 }), core.arm() == .none,
            core.takeOff(to: height) == .none, run(30, until: { $0.modes.mode == .fly })
        else { return false }
        // Steady.
        return run(1, until: { _ in false }) || true
    }

    /// The other one owns, v1 warm behind it, or nobody.
    mutating func handOver(_ way: EnvelopeTrial.Way) -> Bool {
        core.arbiter.listen(1)
        core.arbiter.connect(1, pid: 2)
        _ = run(1, until: { _ in false })
        guard core.requestSwitch(to: 1, within: 500) == .none, run(1, until: { $0.arbiter.owner == 1 }) else {
            return false
        }
        return way == .standby || core.arbiter.commit()
    }

    /// Pushes until somebody takes over.
    mutating func push(_ motors: Int, isHard: Bool, seconds: Double) -> Bool {
        let hover = (said[0] + said[1] + said[2] + said[3]) / 4
        let (more, less) = isHard ? (1, idle) : (hover * (1 + Self.gentle), hover * (1 - Self.gentle))
        var wanted = Motors(repeating: less)
        for motor in 0..<4 where motors & (1 << motor) != 0 { wanted[motor] = more }
        pushed = wanted
        return run(seconds, until: { $0.arbiter.owner != 1 })
    }
}
