import FoundationEssentials

/// CPU time that the host took away from this machine.
enum StealTime {
    /// Ticks of /proc/stat a second (USER_HZ; proc(5)).
    private static let ticksPerSecond = 100.0
    /// Column of the `cpu` line, its name counted.
    private static let column = 8

    /// s since boot, all CPUs together; 0 where the kernel does not count it.
    static func seconds() -> Double {
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let line = text.split(separator: "\n").first
        else { return 0 }
        let fields = line.split(separator: " ")
        return fields.count > column ? (Double(fields[column]) ?? 0) / ticksPerSecond : 0
    }
}
