import CLI
import Foundation
import Logging
import Synchronization
import Testing

/// Takes lines instead of standard error.
private final class Taken: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }

    func take(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite("Lines for the journal")
struct JournalLogTests {
    private let taken = Taken()

    private func logger() -> Logger {
        let taken = taken
        var logger = Logger(label: "droneagent") { _ in JournalLogHandler { taken.take($0) } }
        logger.logLevel = .trace
        return logger
    }

    @Test(
        "Each level has its priority",
        arguments: [
            (.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
        ] as [(Logger.Level, Int)])
    func priority(_ level: Logger.Level, _ number: Int) {
        logger().log(level: level, "serving")
        #expect(taken.all == ["<\(number)>serving\n"])
    }

    @Test("Metadata stands behind the message, by key, quoted where it is more than a word") func metadata() {
        logger().info("boot", metadata: ["instance": "flight-1", "why": "no \"room\"", "attempt": "1", "empty": ""])
        #expect(taken.all == ["<6>boot attempt=1 empty=\"\" instance=flight-1 why=\"no \\\"room\\\"\"\n"])
    }

    @Test("A logger's own metadata is there, and an event's goes before it") func own() {
        var logger = logger()
        logger[metadataKey: "who"] = "logger"
        logger[metadataKey: "update"] = "7"
        logger.warning("gate", metadata: ["who": "event"])
        #expect(taken.all == ["<4>gate update=7 who=event\n"])
    }

    @Test("Whatever others say, it is one line") func oneLine() {
        logger().error("container\nnot removed", metadata: ["why": "a\nb\u{1B}[2J"])
        #expect(taken.all == ["<3>container?not removed why=a?b?[2J\n"])
    }
}

/// The programs themselves, with what the service manager tells them.
@Suite(.enabled(if: LiveFlight.programs != nil, "needs DRONEAGENT_TEST_BIN; Board/bench test sets it"))
struct JournalStreamTests {
    private let folder = TestFolder()

    /// What a program writes to standard error where the journal is said to be `stream`, a shell's words.
    private func errors(_ stream: String, _ program: String, _ arguments: [String]) throws -> String {
        let (log, programs) = (folder.path + "/log", try #require(LiveFlight.programs))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments =
            ["-c", "exec 2>\"$0\"; export JOURNAL_STREAM=\(stream); exec \"$@\"", log, "\(programs)/\(program)"]
            + arguments
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus != 0)
        return try String(contentsOfFile: log, encoding: .utf8)
    }

    private let journal = "$(stat -L -c %d:%i /proc/self/fd/2)"

    @Test("An error is one for the journal, and a plain sentence elsewhere")
    func agent() throws {
        let arguments = ["land", "--run", folder.path]
        let marked = try errors(journal, "droneagent", arguments)
        #expect(marked.hasPrefix("<3>The flight core does not answer"))
        for other in ["1:1", "''", "none"] {
            let plain = try errors(other, "droneagent", arguments)
            #expect(plain.hasPrefix("The flight core does not answer"), "\(other)")
        }
    }

    @Test("The core's too, without its name, which the journal has")
    func core() throws {
        let arguments = ["--board", folder.path + "/none.bin"]
        let marked = try errors(journal, "flightcore", arguments)
        #expect(marked.hasPrefix("<3>The compiled board file"))
        let plain = try errors("1:1", "flightcore", arguments)
        #expect(plain.hasPrefix("flightcore: The compiled board file"))
    }
}
