internal import Glibc

/// A lock file held open: two agents on one journal would undo each other's work. The kernel lets go of it when
/// the process ends, however it ends.
final class AgentLock: Sendable {
    private let fd: Int32

    /// - Throws: `Fault` when another agent holds the lock, or the file cannot be made.
    init(path: String) throws(Fault) {
        fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard fd >= 0 else {
            throw Fault(
                "The lock \(path) cannot be made (\(String(cString: strerror(errno)))); check the folder's owner.")
        }
        guard flock(fd, LOCK_EX | LOCK_NB) == 0 else {
            close(fd)
            throw Fault("Another agent holds \(path); stop it, or name another folder with --state.")
        }
    }

    deinit { close(fd) }
}
