import CPlatform
import Foundation
import Glibc
import Testing

/// A program at a terminal of its own, which controls it: keys, signals and size come to it as from a person's.
final class TerminalProgram {
    enum End: Equatable {
        case code(Int32)
        case signal(Int32)
    }

    /// ns within which what must come must come.
    private static let patience: UInt64 = 15_000_000_000
    /// Of <spawn.h>; a GNU extension that Swift does not see.
    private static let spawnSetsSession: Int32 = 0x80

    let pid: pid_t
    private let master: Int32
    /// Held open: a terminal that nobody has open forgets how it was.
    private let slave: Int32
    /// All that was written to the terminal so far.
    private(set) var written = ""
    private var ended: End?

    /// `environment`: on top of the test's, which has no word on colours.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], columns: UInt16 = 80,
        rows: UInt16 = 24
    ) throws {
        var (master, slave) = (Int32(-1), Int32(-1))
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        // Longer than any terminal's path.
        var path = [CChar](repeating: 0, count: 256)
        try #require(openpty(&master, &slave, &path, nil, &size) == 0)
        for descriptor in [master, slave] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        (self.master, self.slave) = (master, slave)
        let terminal = String(decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        pid = try Self.spawn(program, arguments, environment, terminal)
    }

    deinit {
        if ended == nil {
            kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        close(master)
        close(slave)
    }

    /// As a session's leader with nothing ignored and nothing blocked, whatever the test's own process has.
    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String: String], _ terminal: String
    ) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | spawnSetsSession
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that a session's leader opens controls it.
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
        var values = ProcessInfo.processInfo.environment
        values["NO_COLOR"] = nil
        values.merge(["TERM": "xterm", "SWIFT_BACKTRACE": "enable=no"]) { $1 }
        values.merge(environment) { $1 }
        let words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        let pairs: [UnsafeMutablePointer<CChar>?] = values.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + pairs { free(text) } }
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, program, &actions, &attributes, words, pairs) == 0)
        return pid
    }

    func press(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = write(master, bytes, bytes.count)
    }

    func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// How the terminal treats what is typed and written.
    var modes: [tcflag_t] {
        var modes = termios()
        guard tcgetattr(slave, &modes) == 0 else { return [] }
        return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
    }

    var showsKeys: Bool { modes.last.map { $0 & tcflag_t(ECHO) != 0 } ?? false }

    /// Reads until it is so, and fails the test when it does not come.
    func awaitWritten(_ what: String, _ isSo: (String) -> Bool) throws {
        let limit = da_now() + Self.patience
        while !isSo(written) {
            try #require(da_now() < limit, "\(what) did not come; written: \(written.debugDescription)")
            read()
        }
    }

    /// Reads to the end of the program.
    func awaitEnd() throws -> End {
        let limit = da_now() + Self.patience
        while true {
            read()
            var status: Int32 = 0
            if ended == nil, waitpid(pid, &status, WNOHANG) == pid {
                ended = status & 0x7F == 0 ? .code(status >> 8 & 0xFF) : .signal(status & 0x7F)
                // What it wrote last.
                read()
            }
            if let ended { return ended }
            try #require(da_now() < limit, "it did not end; written: \(written.debugDescription)")
        }
    }

    /// What is there, or comes within 50 ms.
    private func read() {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while da_wait_readable([master], 1, da_now() + 50_000_000) > 0 {
            let count = Glibc.read(master, &buffer, buffer.count)
            guard count > 0 else { return }
            written += String(decoding: buffer.prefix(count), as: UTF8.self)
            // A program that never stops to write does not hold this up.
            guard count == buffer.count else { return }
        }
    }
}
