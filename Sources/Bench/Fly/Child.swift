import CPlatform
import Foundation

/// A process of the bench: its output goes to a file, its end has a limit.
package final class Child: @unchecked Sendable {
    /// s between SIGTERM and SIGKILL.
    private static let patience = 8.0

    package let name: String
    package let log: String
    private let process = Process()

    /// - Throws: `BenchFault` when it cannot be started.
    package init(
        _ name: String, _ program: String, _ arguments: [String], log: String, environment: [String: String] = [:]
    ) throws(BenchFault) {
        self.name = name
        self.log = log
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        // On a terminal a trapping Swift process would live on for 30 s in the backtracer, its sockets open.
        process.environment = ProcessInfo.processInfo.environment
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
            .merging(environment) { $1 }
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        guard let output = FileHandle(forWritingAtPath: log) else {
            throw BenchFault("The log \(log) cannot be made.")
        }
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        // A thread of libdispatch's blocks signals, and a child begins with its parent thread's mask: it would not hear SIGTERM.
        var (open, before) = (sigset_t(), sigset_t())
        sigemptyset(&open)
        pthread_sigmask(SIG_SETMASK, &open, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        do { try process.run() } catch {
            throw BenchFault("\(program) cannot be started: \(error.localizedDescription)")
        }
    }

    package var isRunning: Bool { process.isRunning }
    package var pid: Int32 { process.processIdentifier }
    /// Of a process that has ended.
    package var exitCode: Int32 { process.isRunning ? -1 : process.terminationStatus }

    package var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// SIGTERM, and SIGKILL when that does not help. It may seem to run on when a child of its own outlives it.
    package func stop() {
        guard process.isRunning else { return }
        process.terminate()
        awaitEnd()
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        awaitEnd()
    }

    private func awaitEnd() {
        let limit = da_now() + UInt64(Self.patience * 1e9)
        while process.isRunning, da_now() < limit { da_sleep_until(da_now() + 20_000_000) }
    }
}
