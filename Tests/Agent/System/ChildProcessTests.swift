import Agent
import CPlatform
import Foundation
import Testing

/// Real processes, and how they end.
@Suite struct ChildProcessTests {
    let folder = TestFolder()

    private func soon() -> UInt64 { da_now() + 20_000_000_000 }

    @Test func itsOutputAndItsCodeAreKept() throws {
        let log = folder.path + "/log"
        let child = try ChildProcess(
            "/bin/sh", ["-c", "echo \"$WORD\"; echo \"$SWIFT_BACKTRACE\" >&2; cat; exit 3"], output: log,
            environment: ["WORD": "a b"])
        #expect(child.awaitEnd(until: soon()) == .exited(3) && !child.isRunning)
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "a b\nenable=no\n")
        // Its number may be another's by now.
        child.kill(SIGKILL)
        #expect(child.ending == .exited(3))
    }

    @Test func aSignalEndsIt() throws {
        let child = try ChildProcess("/bin/sleep", ["60"])
        #expect(child.isRunning && child.awaitEnd(until: da_now() + 30_000_000) == nil)
        #expect(getpgid(child.pid) == child.pid, "a signal to our own group does not reach it")
        child.kill(SIGKILL)
        #expect(child.awaitEnd(until: soon()) == .killed(SIGKILL))
    }

    @Test func itGetsNoDescriptorOfOurs() throws {
        let file = open(folder.path + "/ours", O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        let log = folder.path + "/log"
        let child = try ChildProcess("/bin/ls", ["/proc/self/fd"], output: log)
        #expect(child.awaitEnd(until: soon()) == .exited(0))
        // The fourth is of the folder that it reads.
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "0\n1\n2\n3\n")
    }

    @Test func whatCannotBeStartedIsOneSentence() throws {
        let missing = try #require(throws: Fault.self) { try ChildProcess("/nowhere/program", []) }
        #expect(missing.sentence.contains("/nowhere/program") && missing.sentence.contains("No such file"))
        let unwritten = try #require(throws: Fault.self) { try ChildProcess("/bin/true", [], output: "/nowhere/log") }
        #expect(unwritten.sentence.contains("/nowhere/log"))
    }

    @Test func aThreadHasItsNameAndGivesItsResult() async throws {
        let name = try await onThread("a-rather-long-name") { () throws(Fault) in
            (try? String(contentsOfFile: "/proc/self/task/\(da_thread_id())/comm", encoding: .utf8)) ?? ""
        }
        #expect(name == "a-rather-long-n\n")
        await #expect(throws: Fault("because.")) {
            try await onThread("x") { () throws(Fault) in throw Fault("because.") }
        }
    }

    @Test func aFileReasonIsTheKernels() throws {
        let error = try #require(throws: (any Error).self) {
            try FileManager.default.createDirectory(atPath: "/proc/x/y", withIntermediateDirectories: true)
        }
        #expect(fileReason(error) == "No such file or directory")
        #expect(printed("%.2f m", 1.005) == "1.00 m" && printed("%g", 0.25) == "0.25" && " a b\n".trimmed == "a b")
    }
}
