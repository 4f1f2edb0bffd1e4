internal import CPlatform
internal import Glibc

/// Gives the control thread of a flight container its real-time priority, from outside of the container.
///
/// The container itself may not (it has no capability), and need not know. The rest of its threads stay
/// under the engine's CPU limit.
package struct ControlThread: Sendable {
    /// The thread's name, part of the contract with flight containers.
    package static let name = "flight-control"
    /// CPU time that it may take without sleeping, µs: a hundred ticks. One that spins is killed, before it
    /// starves what runs below it.
    package static let spinLimit: UInt64 = 200_000

    /// SCHED_FIFO priorities; the core is above at 80. Who has proved itself is above who has not: a new owner that spins
    /// on the standby's CPU must not keep it from answering, or there is no way back.
    package enum Priority: Int32, Sendable {
        /// The owner, also as standby during the probation of its successor.
        case proven = 70
        /// From the request for the switch to the end of its probation.
        case probation = 60
        case candidate = 50
    }

    /// Folders of /proc and of the cpu controller; tests put their own.
    private let processes: String
    private let cpuGroups: [String]

    package init(
        processes: String = "/proc",
        cpuGroups: [String] = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"]
    ) {
        self.processes = processes
        self.cpuGroups = cpuGroups
    }

    /// The id of the control thread of process `pid`; nil when there is none (yet).
    package func find(pid: Int32) -> Int32? {
        entries("\(processes)/\(pid)/task", limit: ContainerPlan.threads * 2).first { tid in
            contents("\(processes)/\(pid)/task/\(tid)/comm")?.split(separator: "\n").first.map(String.init) == Self.name
        }.flatMap { Int32($0) }
    }

    /// Raises (or lowers) the control thread of `pid`.
    ///
    /// - Returns: nil when done, else one sentence that says why not; the flight goes on at normal priority.
    package func set(pid: Int32, _ priority: Priority) -> String? {
        guard let tid = find(pid: pid) else {
            return "Process \(pid) has no thread named \(Self.name), so it stays at normal priority."
        }
        place(tid)
        var limited = da_process_limit_realtime(pid, Self.spinLimit)
        // A limit that is already lower is no failure.
        if limited == -EPERM { limited = 0 }
        guard limited == 0 else {
            return
                "The CPU time of \(Self.name) in process \(pid) cannot be bounded (\(reason(limited))), so it stays at normal priority."
        }
        var result = da_process_set_fifo(tid, priority.rawValue)
        if result == -EPERM, leaveGroup(tid) {
            // Its cpu cgroup (version 1) had no real-time budget; the root group has.
            result = da_process_set_fifo(tid, priority.rawValue)
        }
        guard result != 0 else { return nil }
        return
            "\(Self.name) in process \(pid) stays at normal priority (\(reason(result))); allow SCHED_FIFO on this machine."
    }

    /// On two CPUs the container answers on the core's: to wake another one takes longer than the answer. On three or
    /// more the kernel places it.
    private func place(_ tid: Int32) {
        let count = da_cpu_count()
        if count <= 2 { _ = da_process_set_cpu(tid, count - 1) }
    }

    /// Moves one thread into the root cpu cgroup; its siblings stay under the engine's limit.
    private func leaveGroup(_ tid: Int32) -> Bool {
        cpuGroups.contains { group in write("\(tid)", to: "\(group)/tasks") }
    }

    private func reason(_ error: Int32) -> String { String(cString: da_error_text(error)) }
}

/// Names in a folder, at most `limit`; empty when it cannot be read.
private func entries(_ folder: String, limit: Int) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { names.append(name) }
    }
    return names
}

/// The first 4 kB of a file.
private func contents(_ path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = bytes.withUnsafeMutableBytes { buffer in
        buffer.baseAddress.map { da_file_read(path, $0, UInt64(buffer.count)) } ?? -1
    }
    return count < 0 ? nil : String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
}

/// Writes to a control file of the kernel, which must exist.
private func write(_ text: String, to path: String) -> Bool {
    let fd = open(path, O_WRONLY | O_CLOEXEC)
    guard fd >= 0 else { return false }
    defer { close(fd) }
    return text.withCString { Glibc.write(fd, $0, strlen($0)) } == text.utf8.count
}
