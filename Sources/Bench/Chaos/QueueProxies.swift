import CContract
import CPlatform
import FoundationEssentials
import Glibc
import Synchronization

/// Puts a proxy before each handover queue as soon as the agent has bound it, before its container looks for it.
final class QueueProxies: Sendable {
    private struct Entry {
        var proxy: Proxy
        /// Of the proxy's socket: another one at its place is the agent's own, bound anew.
        var inode: UInt64
    }

    /// ns between two looks: an engine takes a hundred times as long to start a container.
    private static let pause: UInt64 = 2_000_000
    /// Where the agent's socket goes; beside its place, in the same folder.
    private static let suffix = ".agent"

    private let folder: String
    private let isOver = Atomic<Bool>(false)
    private let entries = Mutex<[String: Entry]>([:])

    /// `folder` has a folder for each instance.
    init(folder: String) throws(BenchFault) {
        self.folder = folder
        try benchThread("queue-proxies") { [self] in
            while !isOver.load(ordering: .relaxed) {
                look()
                da_sleep_until(da_now() + Self.pause)
            }
        }
    }

    var instances: [String] { entries.withLock { $0.keys.sorted() } }

    func disturb(_ instance: String, _ list: [Disturbance]) { entries.withLock { $0[instance]?.proxy.disturb(list) } }

    var struck: Int { entries.withLock { $0.values.reduce(0) { $0 + $1.proxy.struck } } }

    func end() {
        isOver.store(true, ordering: .relaxed)
        entries.withLock { entries in
            for entry in entries.values { entry.proxy.end() }
        }
    }

    private func look() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        entries.withLock { entries in
            for gone in entries.keys where !names.contains(gone) {
                entries[gone]?.proxy.end()
                entries[gone] = nil
            }
            for name in names {
                let path = "\(folder)/\(name)/\(DA_QUEUE_SOCKET)"
                guard let found = inode(path), found != entries[name]?.inode else { continue }
                entries[name]?.proxy.end()
                entries[name] = nil
                guard rename(path, path + Self.suffix) == 0,
                    let proxy = try? Proxy(.unix(path), before: .unix(path + Self.suffix), .queue),
                    let own = inode(path)
                else { continue }
                entries[name] = Entry(proxy: proxy, inode: own)
            }
        }
    }

    private func inode(_ path: String) -> UInt64? {
        var about = stat()
        return stat(path, &about) == 0 ? UInt64(about.st_ino) : nil
    }
}
