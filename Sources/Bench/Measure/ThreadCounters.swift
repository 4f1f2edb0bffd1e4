import CMeasure
import FoundationEssentials
import Glibc

/// The page that programs under the interposed library count into, and their clock.
final class ThreadCounters {
    /// In memory: a page on a disk would fault when it is written back.
    private let path = "/dev/shm/droneagent-measure-\(ProcessInfo.processInfo.processIdentifier)"
    private let page: OpaquePointer
    private let shim: String

    /// - Throws: `BenchFault` when page or library are not there.
    init(shim: String) throws(BenchFault) {
        guard FileManager.default.fileExists(atPath: shim) else {
            throw BenchFault("The library \(shim) is not there; Board/bench measure builds it.")
        }
        self.shim = shim
        guard let page = dm_map(path) else { throw BenchFault("The page \(path) cannot be made.") }
        self.page = page
    }

    deinit {
        dm_unmap(page)
        unlink(path)
    }

    /// Of a program that shall be counted.
    var environment: [String: String] { ["LD_PRELOAD": shim, DM_ENVIRONMENT: path] }

    func runFast() { dm_run_fast(page) }
    func runReal() { dm_run_real(page) }

    struct Counts: Sendable {
        var allocations: UInt64 = 0
        var faults: UInt64 = 0
        /// Threads of that name.
        var threads = 0
    }

    /// Of a process's threads of that name, from their starts.
    func counts(_ pid: Int32, _ name: String) -> Counts {
        var sum = Counts()
        for index in 0..<dm_rows(page) {
            let row = dm_read(page, index)
            guard row.pid == pid, withUnsafeBytes(of: row.name, { $0.prefix { $0 != 0 }.elementsEqual(name.utf8) })
            else { continue }
            sum.allocations += row.allocations
            sum.faults += row.faults
            sum.threads += 1
        }
        return sum
    }
}
