package import CBoard
internal import CContract
internal import Glibc

/// One of the world's buses, as the context of a C bus.
final class BusPort {
    unowned let world: World
    let number: Int

    init(_ world: World, number: Int) {
        self.world = world
        self.number = number
    }
}

/// The hardware seam in virtual time: each transfer takes the world's time with it. The structs point to the
/// world without keeping it alive.
extension World {
    /// Bus 0 (sensors, and the motor chip if it has no bus of its own) or 1.
    package func bus(_ number: Int) -> da_bus {
        da_bus(
            context: Unmanaged.passUnretained(ports[number]).toOpaque(),
            read: { context, address, register, bytes, count in
                guard let context else { return -EINVAL }
                let port = Unmanaged<BusPort>.fromOpaque(context).takeUnretainedValue()
                return port.world.read(port.number, address, register, bytes, count)
            },
            write: { context, address, register, bytes, count in
                guard let context else { return -EINVAL }
                let port = Unmanaged<BusPort>.fromOpaque(context).takeUnretainedValue()
                return port.world.write(port.number, address, register, bytes, count)
            })
    }

    package func lines() -> da_lines {
        da_lines(
            context: Unmanaged.passUnretained(self).toOpaque(),
            get: { context, line in
                guard let context else { return -EINVAL }
                return Unmanaged<World>.fromOpaque(context).takeUnretainedValue().line(line)
            },
            set: { context, line, value in
                guard let context else { return -EINVAL }
                return Unmanaged<World>.fromOpaque(context).takeUnretainedValue().setLine(line, value)
            })
    }

    /// The edges of the receiver's line.
    package func edges() -> da_edges {
        da_edges(
            context: Unmanaged.passUnretained(self).toOpaque(),
            take: { context, times, room in
                guard let context else { return -EINVAL }
                return Unmanaged<World>.fromOpaque(context).takeUnretainedValue().takeEdges(times, room: Int(room))
            })
    }

    /// The world's time.
    package func clock() -> da_clock {
        da_clock(
            context: Unmanaged.passUnretained(self).toOpaque(),
            now: { context in
                guard let context else { return 0 }
                return Unmanaged<World>.fromOpaque(context).takeUnretainedValue().now
            })
    }

    private func read(
        _ bus: Int, _ address: UInt8, _ register: UInt8, _ bytes: UnsafeMutablePointer<UInt8>, _ count: UInt8
    ) -> Int32 {
        guard count >= 1 && count <= Block.limit else { return -EINVAL }
        advance(to: now &+ parameters.wiring.driverOverhead)
        guard isFree(bus) else { return -EBUSY }
        let plan = plan(
            Transfer(bus: bus, isWrite: false, address: address, register: register, count: Int(count)))
        guard plan.stop <= transferDeadline else { return giveUp() }
        advance(to: plan.sampled)
        var block = Block(count: 0)
        let result = read(plan, into: &block)
        advance(to: plan.stop)
        if result == 0 { block.copy(to: bytes) }
        return result
    }

    private func write(
        _ bus: Int, _ address: UInt8, _ register: UInt8, _ bytes: UnsafePointer<UInt8>, _ count: UInt8
    ) -> Int32 {
        guard count >= 1 && count <= Block.limit else { return -EINVAL }
        advance(to: now &+ parameters.wiring.driverOverhead)
        guard isFree(bus) else { return -EBUSY }
        let plan = plan(
            Transfer(bus: bus, isWrite: true, address: address, register: register, count: Int(count)))
        guard plan.stop <= transferDeadline else { return giveUp() }
        advance(to: plan.stop)
        return write(plan, Block(bytes, count: Int(count)))
    }

    /// As CBoard/guard.c: a transfer that was given up is waited for a little, ns, then the bus is busy.
    private static var busyWait: UInt64 { 500_000 }

    private func isFree(_ bus: Int) -> Bool {
        guard transferDeadline != .max, busFree[bus & 1] > now else { return true }
        advance(to: min(busFree[bus & 1], now &+ Self.busyWait, max(now, transferDeadline)))
        return busFree[bus & 1] <= now
    }

    private func giveUp() -> Int32 {
        advance(to: transferDeadline)
        return -ETIMEDOUT
    }

    /// The receiver's edges until now, at most `room`: their count, or -ENODEV without a receiver.
    package func takeEdges(_ times: UnsafeMutablePointer<UInt64>, room: Int) -> Int32 {
        let until = now
        guard let due = vehicle.receiver?.take(until: until, room: room) else { return -ENODEV }
        for (index, time) in due.enumerated() { times[index] = time }
        return Int32(due.count)
    }

    /// Level of a line (`da_line`), or -EINVAL.
    package func line(_ line: UInt32) -> Int32 {
        guard line < UInt32(DA_LINES.rawValue) else { return -EINVAL }
        return lineLevels[Int(line)]
    }

    /// Drives an output line; inputs are the pilot's: -EPERM.
    package func setLine(_ line: UInt32, _ value: Int32) -> Int32 {
        switch line {
        case DA_LINE_OUTPUT_ENABLE.rawValue:
            lineLevels[Int(line)] = value != 0 ? 1 : 0
            vehicle.motorChip.outputsEnabled = value != 0
            return 0
        case DA_LINE_LED.rawValue:
            lineLevels[Int(line)] = value != 0 ? 1 : 0
            return 0
        case DA_LINE_ARM.rawValue, DA_LINE_KILL.rawValue: return -EPERM
        default: return -EINVAL
        }
    }
}
