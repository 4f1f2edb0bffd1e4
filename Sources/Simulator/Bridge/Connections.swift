internal import CBoard
internal import CContract
internal import CPlatform
internal import Glibc
internal import Synchronization

/// The socket of the bench's chips: one thread a connection, so that a transfer on one bus does not wait for
/// the other's, nor a line for either.
final class Connections: Sendable {
    /// SCHED_FIFO: above the flight core (80), for they are the hardware.
    private static let priority: Int32 = 90
    /// Two buses, the lines, the receiver and output-enable, and as many again of a core that was just restarted.
    private static let limit = 10
    /// The accepting thread stands one below the serving ones: a core that restarts in flight must not wait for it.
    static let acceptPriority: Int32 = 89
    /// ns after which a waiting thread looks whether it shall stop.
    private static let patience: UInt64 = 100_000_000

    private let world: SharedWorld
    private let listener: Int32
    private let stopping = Atomic(false)
    /// One bit for each slot that serves a connection.
    private let busy = Atomic<UInt16>(0)
    /// Requests served, refused connections: for the report.
    let served = Atomic<UInt64>(0)
    let refused = Atomic<UInt64>(0)
    let realTime = Atomic(true)

    /// - Throws: `BridgeFault.system` if the socket cannot be made.
    init(_ world: SharedWorld, path: String) throws(BridgeFault) {
        self.world = world
        listener = da_packet_listen(path, Int32(Self.limit))
        guard listener >= 0 else { throw .system("listen on '\(path)'", code: -listener) }
    }

    deinit { _ = da_close(listener) }

    func stop() { stopping.store(true, ordering: .relaxed) }

    /// Accepts until `stop`, then waits for its threads.
    func run() {
        var slots = [ServerThread?](repeating: nil, count: Self.limit)
        while !stopping.load(ordering: .relaxed) {
            guard wait(listener) else { continue }
            let connection = da_packet_accept(listener)
            guard connection >= 0 else { continue }
            let slot = (~busy.load(ordering: .acquiring)).trailingZeroBitCount
            guard slot < Self.limit else {
                turnAway(connection)
                continue
            }
            // The slot's last thread has cleared its bit, its last act.
            slots[slot]?.join()
            slots[slot] = nil
            busy.bitwiseOr(1 << UInt16(slot), ordering: .relaxed)
            do {
                let thread = try ServerThread("sim-chips", priority: Self.priority, cpu: da_cpu_count() - 1) {
                    self.serve(connection)
                    self.busy.bitwiseAnd(~(1 << UInt16(slot)), ordering: .releasing)
                }
                if !thread.isRealTime { realTime.store(false, ordering: .relaxed) }
                slots[slot] = thread
            } catch {
                busy.bitwiseAnd(~(1 << UInt16(slot)), ordering: .relaxed)
                turnAway(connection)
            }
        }
        for thread in slots { thread?.join() }
    }

    private func turnAway(_ connection: Int32) {
        refused.add(1, ordering: .relaxed)
        _ = da_close(connection)
    }

    private func wait(_ descriptor: Int32) -> Bool {
        var one = descriptor
        return da_wait_readable(&one, 1, da_now() + Self.patience) > 0
    }

    /// One request, one reply, until the other side closes.
    ///
    /// As with a line of the kernel's, output-enable is 0 again when nobody is left who holds it.
    private func serve(_ connection: Int32) {
        var holdsOutputs = false
        defer {
            if holdsOutputs { world.letOutputsGo() }
            _ = da_close(connection)
        }
        let size = MemoryLayout<da_bridge_request>.size
        while !stopping.load(ordering: .relaxed) {
            var request = da_bridge_request()
            let got = da_packet_await(connection, &request, UInt32(size), da_now() + Self.patience)
            if got == -ETIMEDOUT || got == -EINTR || got == -EAGAIN { continue }
            guard got > 0 else { return }
            // Anything but a whole request is answered as an unknown one.
            if Int(got) != size { request.kind = 0 }
            var reply = world.serve(request)
            if UInt32(request.kind) == DA_BRIDGE_SET.rawValue, UInt32(request.reg) == DA_LINE_OUTPUT_ENABLE.rawValue {
                holdsOutputs = true
            }
            let sent = da_packet_send(connection, &reply, UInt32(MemoryLayout<da_bridge_reply>.size))
            guard sent >= 0 || sent == -EAGAIN else { return }
            served.add(1, ordering: .relaxed)
        }
    }
}
