import CContract
import CLI
import Contract
import Foundation
import Testing

/// `droneagent watch`, the real program, at a terminal of its own, asking a core that answers as it is told.
@Suite(
    .serialized, .enabled(if: LiveFlight.programs != nil, "needs DRONEAGENT_TEST_BIN; Board/bench test sets it"),
    .timeLimit(.minutes(2)))
struct WatchTerminalTests {
    private let folder = TestFolder()

    private func core() -> FakeCore {
        FakeCore(path: folder.path + "/core.sock") { _ in
            FakeCore.done { reply in
                (reply.status.tick, reply.status.tick_rate) = (12345, 500)
                (reply.status.mode, reply.status.altitude) = (FlightMode.fly.rawValue, 5)
            }
        }
    }

    private var places: [String] { ["--run", folder.path, "--state", folder.path] }

    private func watch(_ environment: [String: String] = [:]) throws -> TerminalProgram {
        let programs = try #require(LiveFlight.programs)
        return try TerminalProgram(programs + "/droneagent", ["watch"] + places, environment: environment)
    }

    private let height = "height    \u{1B}[0m5.0 m"

    @Test("However it is ended, the terminal is as it was", arguments: [SIGINT, SIGTERM, SIGHUP])
    func givenBack(_ signal: Int32) throws {
        let core = core()
        defer { core.stop() }
        let program = try watch()
        let before = program.modes
        #expect(program.showsKeys)
        try program.awaitWritten("the height") { $0.contains(height) }
        #expect(program.written.hasPrefix(ScreenText.enter))
        #expect(!program.showsKeys)
        // Ctrl-C as a person gives it.
        if signal == SIGINT { program.press("\u{3}") } else { kill(program.pid, signal) }
        let end = try program.awaitEnd()
        #expect(end == .signal(signal))
        #expect(program.written.hasSuffix(ScreenText.leave))
        #expect(program.modes == before)
    }

    @Test("It is drawn again and again, in place") func drawn() throws {
        let core = core()
        defer { core.stop() }
        let program = try watch()
        try program.awaitWritten("three frames") { $0.components(separatedBy: height).count > 3 }
        #expect(program.written.components(separatedBy: ScreenText.enter).count == 2)
        #expect(program.written.contains("\u{1B}[32mfly\u{1B}[0m"))
        // One line feed less than lines, so that nothing scrolls.
        let frame = try #require(program.written.components(separatedBy: "\u{1B}[J").first)
        #expect(frame.components(separatedBy: "\r\n").count <= 24)
    }

    @Test("A core that goes away is said to be, and comes back") func away() throws {
        let first = core()
        let program = try watch()
        try program.awaitWritten("the height") { $0.contains(height) }
        first.stop()
        try program.awaitWritten("the core is away") { $0.contains("The flight core") }
        let second = core()
        defer { second.stop() }
        let seen = program.written.count
        try program.awaitWritten("the height again") { $0.dropFirst(seen).contains(height) }
        program.press("\u{3}")
        let end = try program.awaitEnd()
        #expect(end == .signal(SIGINT))
    }

    @Test("With nobody to ask the screen is not taken") func nobody() throws {
        let program = try watch()
        let before = program.modes
        let end = try program.awaitEnd()
        #expect(end == .code(ExitStatus.agentUnreachable.rawValue))
        #expect(!program.written.contains("\u{1B}") && program.written.contains("droneagent serve"))
        #expect(program.modes == before)
    }

    @Test("A terminal that gets small gets one line, and all again when it grows") func size() throws {
        let core = core()
        defer { core.stop() }
        let program = try watch()
        try program.awaitWritten("the height") { $0.contains(height) }
        program.resize(columns: 30, rows: 4)
        try program.awaitWritten("the line") { $0.hasSuffix(ScreenText.frame(["tick 12345, fly, nobody, upda"])) }
        let seen = program.written.count
        program.resize(columns: 100, rows: 30)
        try program.awaitWritten("the height") { $0.dropFirst(seen).contains(height) }
    }

    @Test("Who wants no colours has none") func colours() throws {
        let core = core()
        defer { core.stop() }
        let program = try watch(["NO_COLOR": "1"])
        try program.awaitWritten("the height") { $0.contains("height    5.0 m") }
        #expect(!program.written.contains("\u{1B}[32m"))
        program.press("\u{3}")
        let end = try program.awaitEnd()
        #expect(end == .signal(SIGINT) && program.written.hasSuffix(ScreenText.leave))
    }

    @Test("A dumb terminal gets lines") func dumb() throws {
        let core = core()
        defer { core.stop() }
        let program = try watch(["TERM": "dumb"])
        try program.awaitWritten("a line") { $0.contains("tick 12345, fly") }
        program.press("\u{3}")
        let end = try program.awaitEnd()
        #expect(end == .signal(SIGINT) && !program.written.contains("\u{1B}"))
    }

    @Test("Ctrl-Z gives the terminal back, fg takes it again") func stopped() throws {
        let core = core()
        defer { core.stop() }
        let program = try #require(LiveFlight.programs) + "/droneagent"
        let script = #"set -m; "$@"; echo "stopped $?"; stty -a; fg"#
        let shell = try TerminalProgram("/bin/bash", ["-c", script, "bash", program, "watch"] + places)
        try shell.awaitWritten("the height") { $0.contains(height) }
        shell.press("\u{1A}")
        try shell.awaitWritten("the second screen") { $0.components(separatedBy: ScreenText.enter).count == 3 }
        let between = shell.written.components(separatedBy: ScreenText.enter)[1]
        let shown = try #require(wordsBehindLeaving(between))
        #expect(shown.contains("stopped 148") && shown.contains(" echo ") && !shown.contains("-echo "))
        #expect(!shown.contains("\u{1B}"))
        let seen = shell.written.count
        try shell.awaitWritten("the height") { $0.dropFirst(seen).contains(height) }
        shell.press("\u{3}")
        _ = try shell.awaitEnd()
        #expect(shell.written.components(separatedBy: ScreenText.enter).count == 3)
        let last = try #require(wordsBehindLeaving(shell.written.components(separatedBy: ScreenText.enter)[2]))
        #expect(!last.contains("\u{1B}"))
    }

    /// What the shell wrote once the view had left; nil: it has not.
    private func wordsBehindLeaving(_ written: String) -> String? {
        let parts = written.components(separatedBy: ScreenText.leave)
        return parts.count == 2 ? parts[1] : nil
    }
}
