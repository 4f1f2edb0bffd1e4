package import CBoard
internal import CContract
internal import CPlatform
internal import Glibc

/// A world that follows CLOCK_MONOTONIC, shared by the threads that serve it.
package final class SharedWorld: Sendable {
    /// ns that the physics makes up for at most, after the host slept; what is beyond is skipped.
    private static let catchUp: UInt64 = 1_000_000_000

    private let lock: InheritingLock<World>

    /// The world now belongs to this object; it starts at the present time.
    package init(parameters: WorldParameters, seed: UInt64) {
        lock = InheritingLock(World(parameters: parameters, seed: seed, start: da_now()))
    }

    /// Lets the caller look at the world or change its lines and faults, at the present time.
    package func withWorld<Result>(_ body: (World) throws -> Result) rethrows -> Result {
        try withWorld(at: da_now(), body)
    }

    /// The world at `time` (ns), or at the time that it has come to, whichever is later.
    private func withWorld<Result>(at time: UInt64, _ body: (World) throws -> Result) rethrows -> Result {
        try lock.withLock { world in
            Self.follow(world, to: time)
            return try body(world)
        }
    }

    /// When a transfer begins: as its master asked, though the thread that serves it may have been kept from its CPU
    /// meanwhile. Never in the future.
    private static func begin(_ request: da_bridge_request) -> UInt64 {
        let now = da_now()
        return request.asked_ns == 0 ? now : min(request.asked_ns, now)
    }

    private static func follow(_ world: World, to time: UInt64) {
        if time > world.now &+ catchUp { world.skip(to: time - catchUp) }
        world.advance(to: time)
    }

    /// Serves one transfer or line; returns when it would end on a real bus.
    package func serve(_ request: da_bridge_request) -> da_bridge_reply {
        switch UInt32(request.kind) {
        case DA_BRIDGE_READ.rawValue: read(request)
        case DA_BRIDGE_WRITE.rawValue: write(request)
        case DA_BRIDGE_GET.rawValue: reply(withWorld { $0.line(UInt32(request.reg)) })
        case DA_BRIDGE_SET.rawValue:
            reply(withWorld { $0.setLine(UInt32(request.reg), Int32(request.bytes.0)) })
        case DA_BRIDGE_EDGES.rawValue: edges(request)
        default: reply(-EINVAL)
        }
    }

    func letOutputsGo() { withWorld { _ = $0.setLine(DA_LINE_OUTPUT_ENABLE.rawValue, 0) } }

    private func reply(_ result: Int32) -> da_bridge_reply {
        var reply = da_bridge_reply()
        reply.result = result
        return reply
    }

    private func edges(_ request: da_bridge_request) -> da_bridge_reply {
        let room = min(Int(request.count), Int(DA_EDGES_ROOM))
        var times = [UInt64](repeating: 0, count: room)
        var answer = reply(withWorld { $0.takeEdges(&times, room: room) })
        withUnsafeMutableBytes(of: &answer.bytes) { bytes in times.withUnsafeBytes { bytes.copyMemory(from: $0) } }
        return answer
    }

    private func transfer(_ request: da_bridge_request, isWrite: Bool) -> Transfer? {
        guard request.count >= 1, request.count <= UInt8(Block.limit), request.bus <= 1 else { return nil }
        return Transfer(
            bus: Int(request.bus), isWrite: isWrite, address: request.address, register: request.reg,
            count: Int(request.count))
    }

    private func read(_ request: da_bridge_request) -> da_bridge_reply {
        guard let transfer = transfer(request, isWrite: false) else { return reply(-EINVAL) }
        var answer = da_bridge_reply()
        let stop = withWorld(at: Self.begin(request)) { world in
            let plan = world.plan(transfer)
            // The data are taken some 70 µs from now; the world may run ahead by that.
            world.advance(to: plan.sampled)
            var block = Block(count: 0)
            answer.result = world.read(plan, into: &block)
            withUnsafeMutableBytes(of: &answer.bytes) { bytes in
                for index in 0..<block.count { bytes[index] = block[index] }
            }
            return plan.stop
        }
        da_sleep_until(stop)
        return answer
    }

    private func write(_ request: da_bridge_request) -> da_bridge_reply {
        guard let transfer = transfer(request, isWrite: true) else { return reply(-EINVAL) }
        let block = withUnsafeBytes(of: request.bytes) { bytes in
            var block = Block(count: transfer.count)
            for index in 0..<block.count { block[index] = bytes[index] }
            return block
        }
        let plan = withWorld(at: Self.begin(request)) { $0.plan(transfer) }
        da_sleep_until(plan.stop)
        return reply(
            lock.withLock { world in
                world.advance(to: plan.stop)
                return world.write(plan, block)
            })
    }
}
