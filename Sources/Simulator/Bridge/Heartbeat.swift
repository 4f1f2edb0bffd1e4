internal import CPlatform
internal import Synchronization

/// One thread a CPU that wakes every millisecond at the highest priority and notes when it was late.
final class Heartbeat: Sendable {
    /// ns between two beats.
    private static let period: UInt64 = 1_000_000
    /// ns of lateness that count as a stall: thrice the worst that a healthy host showed (0.1 ms at p99.9).
    static let stallLimit: UInt64 = 300_000
    /// SCHED_FIFO; nothing is above it.
    private static let priority: Int32 = 99
    /// CPUs watched at most.
    private static let cpuLimit: Int32 = 16
    /// Stalls kept between two flushes.
    private static let capacity = 4096

    private let log = InheritingLock(RecordLog<StallRecord>(capacity: capacity))
    private let stopping = Atomic(false)

    /// Starts a thread for each CPU.
    ///
    /// - Throws: `BridgeFault.system` if a thread cannot be had.
    func start() throws(BridgeFault) -> [ServerThread] {
        var threads: [ServerThread] = []
        for cpu in 0..<min(Self.cpuLimit, max(1, da_cpu_count())) {
            threads.append(try ServerThread("sim-heartbeat", priority: Self.priority, cpu: cpu) { self.beat(cpu) })
        }
        return threads
    }

    func stop() { stopping.store(true, ordering: .relaxed) }

    func drain(into records: inout [StallRecord]) {
        log.withLock { $0.drain(into: &records) }
    }

    var lost: Int { log.withLock { $0.lost } }

    private func beat(_ cpu: Int32) {
        var due = da_now() + Self.period
        while !stopping.load(ordering: .relaxed) {
            da_sleep_until(due)
            let woke = da_now()
            if woke > due + Self.stallLimit {
                log.withLock { $0.append(StallRecord(start: due, end: woke, cpu: cpu)) }
            }
            due += Self.period
            // Beats that fell into the stall are not made up.
            if due < woke { due = woke + Self.period }
        }
    }
}
