internal import CAdapter
internal import CBoard
package import CContract
internal import CPlatform
internal import Glibc
internal import Synchronization

/// The world behind the kernel's own devices: plays a CP2112 over /dev/uhid, so that the kernel makes a /dev/i2c-N and a
/// /dev/gpiochipN of it. One thread, as on one USB cable.
package final class AdapterServer: Sendable {
    /// SCHED_FIFO: as the other servers of the world's hardware.
    private static let priority: Int32 = 90
    /// ns after which the waiting thread looks whether it shall stop.
    private static let patience: UInt64 = 100_000_000

    private let world: SharedWorld
    private let board: da_board
    private let device: Int32
    private let stopping = Atomic(false)
    private let thread: InheritingLock<ServerThread?>

    /// Makes the device; the driver asks its questions at once, so call `start`.
    ///
    /// - Throws: `BridgeFault.system` when there is no /dev/uhid.
    package init(_ world: SharedWorld, _ board: da_board) throws(BridgeFault) {
        self.world = world
        self.board = board
        let descriptor = CP2112.descriptor
        device = da_uhid_open(
            "droneagent CP2112", CP2112.vendor, CP2112.product, descriptor, UInt16(descriptor.count))
        guard device >= 0 else {
            throw .system("play a CP2112 over /dev/uhid (is the module uhid loaded?)", code: -device)
        }
        thread = InheritingLock(nil)
    }

    deinit { _ = da_close(device) }

    /// - Throws: `BridgeFault.system` if the thread cannot be had.
    package func start() throws(BridgeFault) {
        let serving = try ServerThread("sim-adapter", priority: Self.priority, cpu: da_cpu_count() - 1) { self.run() }
        thread.withLock { $0 = serving }
    }

    package func stop() {
        stopping.store(true, ordering: .relaxed)
        thread.withLock { thread in
            defer { thread = nil }
            return thread
        }?.join()
    }

    private func run() {
        var chip = CP2112(board)
        while !stopping.load(ordering: .relaxed) {
            var event = da_uhid_event()
            let got = da_uhid_next(device, &event, da_now() + Self.patience)
            guard got >= 0 else { return }
            if got == 1 { answer(event, &chip) }
        }
    }

    private func answer(_ event: da_uhid_event, _ chip: inout CP2112) {
        let report = withUnsafeBytes(of: event.bytes) { Array($0.prefix(Int(event.count))) }
        switch event.kind {
        case DA_UHID_OUTPUT.rawValue:
            if let reply = chip.take(report, serve: world.serve) {
                _ = da_uhid_input(device, reply, UInt16(reply.count))
            }
        case DA_UHID_GET.rawValue:
            let feature = chip.feature(event.report) { line in world.withWorld { $0.line(line) } }
            let bytes = feature ?? []
            _ = da_uhid_answer(device, event.id, feature == nil ? UInt16(EIO) : 0, bytes, UInt16(bytes.count))
        case DA_UHID_SET.rawValue:
            let isKnown = chip.setFeature(report) { line, level in
                // The pilot's switches are not the driver's to move.
                world.withWorld { _ = $0.setLine(line, level) }
            }
            _ = da_uhid_accept(device, event.id, isKnown ? 0 : UInt16(EIO))
        default: break
        }
    }
}
