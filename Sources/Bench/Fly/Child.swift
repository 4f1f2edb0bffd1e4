internal import Agent
internal import CPlatform
internal import FoundationEssentials
internal import Glibc

/// A process of the bench: its output goes to a file, its end has a limit.
package final class Child: Sendable {
    /// s between SIGTERM and SIGKILL.
    private static let patience = 8.0

    package let name: String
    package let log: String
    private let process: ChildProcess

    /// - Throws: `BenchFault` when it cannot be started.
    package init(
        _ name: String, _ program: String, _ arguments: [String], log: String, environment: [String: String] = [:]
    ) throws(BenchFault) {
        self.name = name
        self.log = log
        do throws(Fault) {
            process = try ChildProcess(program, arguments, output: log, environment: environment)
        } catch {
            throw BenchFault(error)
        }
    }

    package var isRunning: Bool { process.isRunning }
    package var pid: Int32 { process.pid }
    /// Of a process that has ended; as a shell gives it, where a signal ended it. -1: it runs.
    package var exitCode: Int32 {
        switch process.ending {
        case nil: -1
        case .exited(let code): code
        case .killed(let signal): 128 + signal
        }
    }

    package var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// SIGTERM, and SIGKILL when that does not help.
    package func stop() {
        for signal in [SIGTERM, SIGKILL] where process.isRunning {
            process.kill(signal)
            _ = process.awaitEnd(until: da_now() + UInt64(Self.patience * 1e9))
        }
    }
}
