internal import CPlatform
internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// A process that this one starts, in a process group of its own; it reads nothing. It ends when it likes, or by `kill`.
package final class ChildProcess: Sendable {
    package enum Ending: Equatable, Sendable, CustomStringConvertible {
        case exited(Int32)
        /// By this signal.
        case killed(Int32)

        package var description: String {
            switch self {
            case .exited(let code): "ended with code \(code)"
            case .killed(let signal): "was ended by signal \(signal)"
            }
        }
    }

    package let pid: Int32
    private let known = Mutex<Ending?>(nil)

    /// - Parameters:
    ///   - program: its path.
    ///   - arguments: without the program's name.
    ///   - output: file that gets what it writes to standard output and standard error, made anew; nil: as this process's.
    ///   - environment: added to this process's.
    /// - Throws: `Fault` when it cannot be started, or its output not be made.
    package init(
        _ program: String, _ arguments: [String], output: String? = nil, environment: [String: String] = [:]
    ) throws(Fault) {
        var file: Int32 = -1
        if let output {
            file = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard file >= 0 else { throw Fault("\(output) cannot be made (\(String(cString: strerror(errno)))).") }
        }
        defer { if file >= 0 { close(file) } }
        // On a terminal a trapping Swift process would live on for 30 s in the backtracer, its sockets open.
        let variables = ProcessInfo.processInfo.environment
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
            .merging(environment) { $1 }
        var started: Int32 = 0
        let error = withStrings([program] + arguments) { arguments in
            withStrings(variables.map { "\($0.key)=\($0.value)" }) { variables in
                da_process_start(program, arguments, variables, file, &started)
            }
        }
        guard error == 0 else {
            throw Fault("\(program) cannot be started (\(String(cString: da_error_text(error)))).")
        }
        pid = started
    }

    deinit { _ = ending }

    /// How it ended; nil: it runs.
    package var ending: Ending? {
        known.withLock { known in
            guard known == nil else { return known }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            // wait(2): the low seven bits are the signal, the next eight the code.
            known = status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .killed(status & 0x7F)
            return known
        }
    }

    package var isRunning: Bool { ending == nil }

    /// Sends `signal`; one that has ended, and whose number may be another's, gets none.
    package func kill(_ signal: Int32) {
        known.withLock { known in if known == nil { _ = Glibc.kill(pid, signal) } }
    }

    /// Waits for its end, no longer than until `limit` (CLOCK_MONOTONIC, ns).
    package func awaitEnd(until limit: UInt64) -> Ending? {
        while isRunning, da_now() < limit { da_sleep_until(da_now() + 20_000_000) }
        return ending
    }
}

/// The strings as C has them: a list of pointers that ends with a null.
private func withStrings<Value>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
    var pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    return body(pointers)
}
