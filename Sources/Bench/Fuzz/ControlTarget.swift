import CContract
import Contract
import FlightCore
import Simulator

/// Requests as the core's control socket gets them, into a whole tick that flies over the simulated chips: two instances
/// that answer, and anything at all asked of them. Paths of `attach` are read, but no socket is made.
package final class ControlTarget: FuzzTarget {
    private static let names = ["v1", "v2"]
    /// Ticks between two requests: two flights in three take off and land.
    private static let ticksApart = 4
    /// Seconds of standing still behind which the gyro's bias is known, in ticks.
    private static let standing = 1500

    private var world: World
    private var core: FlightTick
    private var number: UInt64 = 0
    private var epoch: UInt64 = 0
    /// Inputs that came in flight, and those that a switch of owners came behind: without them nothing is shown.
    package private(set) var flown = 0
    package private(set) var switched = 0

    package init() {
        world = Self.makeWorld()
        core = Self.makeCore(over: world)
        begin()
    }

    private static func makeWorld() -> World { World(parameters: WorldParameters(board: BenchBoard.make()), seed: 1) }

    private static func makeCore(over world: World) -> FlightTick {
        FlightTick(
            board: BenchBoard.make(), bus: world.bus(0), motorBus: world.bus(0), lines: world.lines(),
            clock: world.clock(), lastEpoch: 0, reservedEpoch: 64)
    }

    /// On the ground, the first instance owning, ready to arm.
    private func begin() {
        (number, epoch) = (0, 0)
        for slot in Self.names.indices {
            core.arbiter.listen(slot)
            core.arbiter.connect(slot, pid: Int32(slot + 1))
        }
        for _ in 0..<Self.standing { step() }
        _ = core.grant(0)
    }

    private func step() {
        number += 1
        let start = number * 2_000_000
        world.advance(to: start)
        core.open(number, at: start, skipped: 0)
        core.sense()
        for slot in Self.names.indices where core.arbiter.slots[slot].isConnected {
            _ = core.take(answer(core.sample(for: slot), slot), from: slot)
        }
        core.actuate()
        core.takeTurn()
        core.arbiter.extendReserve(to: core.arbiter.lastEpoch + 64)
    }

    /// What the core's own controller would fly; that flies well enough.
    private func answer(_ sample: da_sample, _ slot: Int) -> da_command {
        var command = da_command.make()
        command.tick = sample.tick
        command.sample_ns = sample.scheduled_ns
        command.epoch = sample.your_epoch
        command.state_tick = slot == core.arbiter.owner ? 0 : sample.tick - 1
        command.motor = core.failsafeMotors.array
        command.free = command.motor
        command.flags = UInt32(DA_COMMAND_SETTLED.rawValue)
        return command
    }

    // MARK: Inputs

    package func valid(_ mutation: inout Mutation) -> [UInt8] {
        var request = da_request.make()
        request.operation = Operation.allCases[mutation.pick(Operation.allCases.count)].rawValue
        fill(&request.name, with: Self.names[mutation.pick(2)])
        fill(&request.path, with: "/run/flight/" + Self.names[mutation.pick(2)])
        request.value = Float(mutation.pick(60)) / 10
        request.ticks = UInt32(mutation.pick(500))
        request.setpoint.roll = Float(mutation.pick(200) - 100) / 100
        request.setpoint.climb = Float(mutation.pick(40) - 20) / 10
        request.flags = mutation.pick(100) == 0 ? UInt32(DA_REQUEST_FORCE.rawValue) : 0
        return request.bytes
    }

    package func repaired(_ bytes: [UInt8]) -> [UInt8] {
        let size = MemoryLayout<da_request>.size
        var result = Array(bytes.prefix(size))
        result += [UInt8](repeating: 0, count: size - result.count)
        withUnsafeBytes(of: da_request.make().header) { result.replaceSubrange(0..<$0.count, with: $0) }
        return result
    }

    package func feed(_ bytes: [UInt8]) -> String? {
        let owner = core.arbiter.owner
        if !core.modes.onGround { flown += 1 }
        let fault = serve(bytes) ?? invariants()
        for _ in 0..<Self.ticksApart { step() }
        if owner != core.arbiter.owner { switched += 1 }
        // It lies on the ground, which a request can do: motors off in the air, by force.
        if world.truth.crash != nil {
            let next = Self.makeWorld()
            core = Self.makeCore(over: next)
            world = next
            begin()
        }
        return fault
    }

    /// As `ControlServer.serve` and the tick behind it do.
    private func serve(_ bytes: [UInt8]) -> String? {
        let request: da_request
        switch bytes.withUnsafeBytes({ da_request.read($0) }) {
        case .failure(let fault): return isSentence(fault.description) ? nil : "No sentence: '\(fault.description)'."
        case .success(let frame): request = frame
        }
        let name = printable(text(request.name))
        var wanted = LoopRequest(request)
        let (mode, flew, owner) = (core.modes.mode, !core.modes.onGround, core.arbiter.owner)
        let refusal: Refusal
        if let slot = Self.names.firstIndex(of: name) {
            wanted.slot = slot
            refusal = core.perform(wanted)
        } else if request.operation == Operation.grant.rawValue || request.operation == Operation.switch.rawValue {
            refusal = .noSuchInstance
        } else {
            refusal = core.perform(wanted)
        }
        guard isSentence(refusal.sentence(name: name)) else { return "No sentence: '\(refusal.sentence(name: name))'." }
        if core.arbiter.owner != owner, owner != Arbiter.nobody {
            return "A request changed the owner inside of a tick."
        }
        let isForced = request.operation == Operation.disarm.rawValue && wanted.isForced
        if flew, mode != .disarmed, core.modes.mode == .disarmed, !isForced {
            return "A request switched the motors off in the air."
        }
        if refusal != .none, core.modes.mode != mode { return "What was refused changed the mode." }
        return nil
    }

    private func invariants() -> String? {
        let sample = core.sample(for: 0)
        let limit = core.board.vehicle.tilt_limit
        let asked = [sample.setpoint.roll, sample.setpoint.pitch]
        guard asked.allSatisfy({ $0 >= -limit && $0 <= limit }), sample.setpoint.climb.isFinite,
            sample.setpoint.yaw_rate.isFinite
        else { return "The sample's setpoint is out of range: \(sample.setpoint)." }
        guard Motors(sample.applied).isCommand else { return "The motors were told what is no command." }
        let granted = Self.names.indices.filter { core.arbiter.slots[$0].grant != 0 }
        if granted.count > 1 { return "Two instances have a grant (invariant 1)." }
        if core.arbiter.epoch < epoch { return "The epoch fell from \(epoch) to \(core.arbiter.epoch) (invariant 3)." }
        if core.arbiter.lastEpoch > core.arbiter.reservedEpoch {
            return "An epoch was granted that is not on disk (invariant 3)."
        }
        epoch = core.arbiter.epoch
        return nil
    }
}
