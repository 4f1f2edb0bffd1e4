import Agent
import Foundation
import Testing

/// A real sshd on loopback, with keys of its own, and the `ssh` of a laptop at the field.
final class SecureShell {
    private static let daemon = "/usr/sbin/sshd"
    private static let client = "/usr/bin/ssh"
    static var isPossible: Bool { [daemon, client].allSatisfy(FileManager.default.isExecutableFile) }

    private let folder: String
    private let port: UInt16
    private let server: Process

    /// `folder`: for keys and configuration; short of any other user's reach.
    ///
    /// - Throws: whatever keeps sshd from coming up within 5 s.
    init(in folder: String) async throws {
        self.folder = folder
        for key in ["host", "user"] {
            try await Self.run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(key)"])
        }
        // Where sshd gives up its rights; Debian's own service makes it.
        try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        port = UInt16.random(in: 20000..<30000)
        let configuration = """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder)/host
            AuthorizedKeysFile \(folder)/user.pub
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            PermitRootLogin prohibit-password
            """
        try configuration.write(toFile: "\(folder)/sshd.conf", atomically: true, encoding: .utf8)
        server = Process()
        // Not sshd itself: it closes every descriptor that it inherits, which Foundation takes for its end, and then waits
        // for that in the one thread that watches all processes.
        server.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        server.arguments = ["600", Self.daemon, "-D", "-e", "-f", "\(folder)/sshd.conf"]
        // Nothing of the test's: who waits for the end of the test's output must not wait for sshd.
        server.standardInput = FileHandle.nullDevice
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        for _ in 0..<100 where server.isRunning {
            if try await run("true").code == 0 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        end()
        throw Fault("sshd did not come up on port \(port) within 5 s.")
    }

    /// Both, for timeout leads a process group; and by force, for they inherit from a thread of Swift's pool that SIGTERM is
    /// blocked.
    func end() { kill(-server.processIdentifier, SIGKILL) }

    /// Runs a command on the drone; `terminal`: as from a person's.
    func run(_ command: String, terminal: Bool = false) async throws -> (code: Int32, out: String) {
        let (process, output) = try begin(command, terminal: terminal)
        // On a thread of its own: those of the tests are few, and what they wait for may need one.
        return await withCheckedContinuation { done in
            Thread {
                let data = output.readDataToEndOfFile()
                process.waitUntilExit()
                done.resume(returning: (process.terminationStatus, String(decoding: data, as: UTF8.self)))
            }.start()
        }
    }

    /// The same, without waiting for its end. A cut connection is a client that is killed.
    func begin(_ command: String, terminal: Bool = false) throws -> (Process, FileHandle) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.client)
        process.arguments =
            [
                "-F", "none", "-p", "\(port)", "-i", "\(folder)/user", "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=5",
                // A connection that is silent for 15 s is dead.
                "-o", "BatchMode=yes", "-o", "ServerAliveInterval=5",
            ] + (terminal ? ["-tt"] : ["-T"]) + ["root@127.0.0.1", command]
        // A terminal is one that can move its cursor, wherever the test runs.
        process.environment = ProcessInfo.processInfo.environment.merging(["TERM": "xterm"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        return (process, pipe.fileHandleForReading)
    }

    private static func run(_ program: String, _ arguments: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments.joined(separator: " "))")
    }
}
