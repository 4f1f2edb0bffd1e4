import CContract
import Contract
import FlightCore

/// Commands as the tick reads them off a container's socket, into the arbiter that decides who drives: an owner and a
/// shadow, switches, ways back, lost owners, and anything at all from either.
final class CommandTarget: FuzzTarget {
    private static let size = MemoryLayout<da_command>.size
    private static let slots = 2

    private var arbiter: Arbiter
    private var tick: UInt64 = 0
    private var epoch: UInt64 = 0
    private var inputs = 0
    /// Whose input comes next.
    private var slot = 0

    init() {
        arbiter = Arbiter(BenchBoard.make(), lastEpoch: 0, reservedEpoch: 64)
        pass()
    }

    private static func time(_ tick: UInt64) -> UInt64 { tick &* 2_000_000 }

    private func pass() {
        tick += 1
        arbiter.passBoundary(to: tick, at: Self.time(tick), airborne: tick % 3 != 0)
        arbiter.extendReserve(to: arbiter.lastEpoch + 64)
    }

    func valid(_ mutation: inout Mutation) -> [UInt8] {
        var command = da_command.make()
        command.tick = tick
        command.sample_ns = Self.time(tick)
        command.epoch = arbiter.slots[slot].grant
        command.state_tick = slot == 1 ? tick - 1 : 0
        let motors = Motors(repeating: Float(mutation.pick(1001)) / 1000)
        command.motor = motors.array
        command.free = motors.array
        command.flags = UInt32(DA_COMMAND_SETTLED.rawValue)
        return withUnsafeBytes(of: command) { Array($0) }
    }

    func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var result = Array(bytes.prefix(Self.size))
        result += [UInt8](repeating: 0, count: Self.size - result.count)
        let header = da_command.make().header
        withUnsafeBytes(of: header) { result.replaceSubrange(0..<$0.count, with: $0) }
        return result
    }

    func feed(_ bytes: [UInt8]) -> String? {
        inputs += 1
        if !arbiter.slots[slot].isConnected {
            arbiter.listen(slot)
            arbiter.connect(slot, pid: 1)
        }
        let fate = take(bytes)
        if let fault = judge(fate, bytes) { return fault }
        slot = (slot + 1) % Self.slots
        guard slot == 0 else { return nil }
        act()
        let served = arbiter.choose(tick)
        if let served, !served.motors.isCommand { return "The motors were told what is no command: \(served.motors)." }
        pass()
        return invariants()
    }

    /// As the tick does (`TickLoop.drain`).
    private func take(_ bytes: [UInt8]) -> Arbiter.Fate {
        var command = da_command()
        withUnsafeMutableBytes(of: &command) { $0.copyBytes(from: bytes.prefix(Self.size)) }
        guard bytes.count == Self.size, command.header.fault(kind: .command, arrived: bytes.count) == nil else {
            return arbiter.refuse(slot)
        }
        return arbiter.take(command, from: slot)
    }

    /// A second opinion on what may be applied.
    private func judge(_ fate: Arbiter.Fate, _ bytes: [UInt8]) -> String? {
        guard fate == .fresh else { return nil }
        var command = da_command()
        withUnsafeMutableBytes(of: &command) { $0.copyBytes(from: bytes.prefix(Self.size)) }
        let motors = [command.motor.0, command.motor.1, command.motor.2, command.motor.3]
        let isRight =
            bytes.count == Self.size && slot == arbiter.owner && command.tick == tick
            && command.sample_ns == Self.time(tick) && command.epoch == arbiter.epoch && command.epoch != 0
            && motors.allSatisfy { $0 >= 0 && $0 <= 1 }
        return isRight ? nil : "A command was taken as the owner's that is not: \(command)."
    }

    /// What agent, pilot and engine do meanwhile.
    private func act() {
        switch inputs % 97 {
        case 0: _ = arbiter.owner == Arbiter.nobody ? arbiter.grant(0) : false
        case 10: _ = arbiter.requestSwitch(to: arbiter.owner == 0 ? 1 : 0, until: tick + 40)
        case 40: _ = arbiter.requestWayBack()
        case 60: _ = arbiter.commit()
        case 80 where inputs % 5 == 0: arbiter.disconnect(slot)
        case 90 where arbiter.isFailsafe: _ = arbiter.requestRelief(by: 0, until: tick + 20)
        case 94 where arbiter.isFailsafe: arbiter.endFailsafe()
        default: break
        }
    }

    private func invariants() -> String? {
        let granted = (0..<Arbiter.slotCount).filter { arbiter.slots[$0].grant != 0 }
        if granted.count > 1 { return "Two instances have a grant (invariant 1)." }
        if let one = granted.first, one != arbiter.owner { return "A grant is not the owner's (invariant 1)." }
        if arbiter.isFailsafe, arbiter.owner != Arbiter.nobody {
            return "The failsafe flies beside an owner (invariant 1)."
        }
        if arbiter.epoch < epoch { return "The epoch fell from \(epoch) to \(arbiter.epoch) (invariant 3)." }
        if arbiter.lastEpoch > arbiter.reservedEpoch {
            return "An epoch was granted that is not on disk (invariant 3)."
        }
        epoch = arbiter.epoch
        return nil
    }
}
