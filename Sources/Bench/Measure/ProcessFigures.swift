import Agent
import FoundationEssentials

/// What the kernel says of another process. All values 0 when it has ended.
enum ProcessFigures {
    /// s of CPU that all its threads took so far, from /proc/PID/task/TID/schedstat: ns on the CPU, the first field.
    static func cpuSeconds(_ pid: Int32) -> Double {
        threads(pid).reduce(0) { $0 + cpuSeconds(pid, thread: $1) }
    }

    /// The same of its threads of that name.
    static func cpuSeconds(_ pid: Int32, named name: String) -> Double {
        threads(pid, named: name).reduce(0) { $0 + cpuSeconds(pid, thread: $1) }
    }

    private static func cpuSeconds(_ pid: Int32, thread: Int32) -> Double {
        let text = contents("/proc/\(pid)/task/\(thread)/schedstat")
        return (text.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1e9
    }

    /// Bytes resident, exactly: /proc/PID/status counts in batches.
    static func residentBytes(_ pid: Int32) -> Double { bytes(pid, "Rss:") }

    /// Those of them that are no file's: what a leak grows.
    static func anonymousBytes(_ pid: Int32) -> Double { bytes(pid, "Anonymous:") }

    private static func bytes(_ pid: Int32, _ name: String) -> Double {
        for line in contents("/proc/\(pid)/smaps_rollup").split(separator: "\n") where line.hasPrefix(name) {
            let fields = line.split(separator: " ")
            return fields.count > 1 ? (Double(fields[1]) ?? 0) * 1024 : 0
        }
        return 0
    }

    /// Its threads of that name (the kernel keeps 15 bytes).
    static func threads(_ pid: Int32, named name: String) -> [Int32] {
        threads(pid).filter { contents("/proc/\(pid)/task/\($0)/comm").trimmed == name }
    }

    private static func threads(_ pid: Int32) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return names.compactMap { Int32($0) }
    }

    private static func contents(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
