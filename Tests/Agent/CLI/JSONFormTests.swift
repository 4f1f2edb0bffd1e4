import ArgumentParser
import Bench
import CContract
import CLI
import CPlatform
import Contract
import Foundation
import Testing

@Suite("JSON for each verb that has a result")
struct JSONFormTests {
    /// The verbs that have no --json, and why.
    private let exceptions = [
        "serve": "it has no result: it logs to standard error",
        "log pull": "the log's bytes are its result",
        "log plot": "the picture is its result",
    ]

    private typealias Verb = (path: String, type: any ParsableCommand.Type)

    private func leaves(_ type: any ParsableCommand.Type, _ path: [String]) -> [Verb] {
        let subcommands = type.configuration.subcommands
        guard !subcommands.isEmpty else { return [(path.joined(separator: " "), type)] }
        return subcommands.flatMap { next in
            leaves(next, path + [next.configuration.commandName ?? "\(next)".lowercased()])
        }
    }

    @Test("Every verb takes --json, but for those that have a reason not to") func all() {
        let verbs = leaves(DroneAgent.self, [])
        #expect(verbs.count > 15)
        for verb in verbs {
            let takes = DroneAgent.helpMessage(for: verb.type, columns: 200).contains("--json")
            #expect(takes == (exceptions[verb.path] == nil), "\(verb.path)")
        }
        #expect(Set(exceptions.keys).isSubset(of: verbs.map(\.path)))
    }

    @Test("Completion scripts know every verb", arguments: [CompletionShell.bash, .zsh, .fish])
    func completion(_ shell: CompletionShell) {
        let script = DroneAgent.completionScript(for: shell)
        for verb in leaves(DroneAgent.self, []) {
            for word in verb.path.split(separator: " ") { #expect(script.contains(word), "\(word)") }
        }
        #expect(script.contains("json"))
    }

    @Test("bash can read its script") func bash() throws {
        let folder = TestFolder()
        let path = folder.path + "/droneagent"
        try DroneAgent.completionScript(for: .bash).write(toFile: path, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-n", path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}

/// What the programs print, asking a core that answers as it is told.
@Suite(
    .serialized, .enabled(if: LiveFlight.programs != nil, "needs DRONEAGENT_TEST_BIN; Board/bench test sets it"),
    .timeLimit(.minutes(1)))
struct CoreVerbJSONTests {
    private let folder = TestFolder()

    private struct Line: Decodable {
        struct Status: Decodable {
            struct Core: Decodable { var tick: UInt64 }
            var core: Core
        }
        var line: String
        var outcome: String
        var text: String
        var status: Status?
    }

    private func run(_ arguments: [String], answer: @escaping FakeCore.Answer) throws -> (code: Int32, lines: [String])
    {
        let core = FakeCore(path: folder.path + "/core.sock", answer: answer)
        defer { core.stop() }
        let program = try #require(LiveFlight.programs) + "/droneagent"
        let log = folder.path + "/\(UUID().uuidString).log"
        let child = try Child("verb", program, arguments + ["--json", "--run", folder.path], log: log)
        defer { child.stop() }
        let limit = da_now() + 15_000_000_000
        while child.isRunning, da_now() < limit { da_sleep_until(da_now() + 20_000_000) }
        return (child.exitCode, child.output.split(separator: "\n").map(String.init))
    }

    private func line(_ text: String?) throws -> Line {
        try JSONDecoder().decode(Line.self, from: Data(try #require(text).utf8))
    }

    @Test("What is done is one line", arguments: [["arm"], ["disarm"], ["takeoff", "3"], ["land"], ["rollback"]])
    func done(_ verb: [String]) throws {
        let (code, lines) = try run(verb) { _ in FakeCore.done { $0.status.tick = 77 } }
        #expect(code == 0)
        // A rollback by the core alone is told on standard error too.
        #expect(lines.count == (verb == ["rollback"] ? 2 : 1), "\(lines)")
        let line = try line(lines.first)
        #expect(line.line == "result" && line.outcome == "done" && line.text.hasSuffix("."))
        #expect(line.status?.core.tick == 77)
    }

    @Test("What is refused is a line, and a sentence on standard error", arguments: [["arm"], ["land"]])
    func refused(_ verb: [String]) throws {
        let (code, lines) = try run(verb) { _ in
            FakeCore.done { reply in
                reply.refused = 1
                fill(&reply.text, with: "It is refused.")
            }
        }
        #expect(code == ExitStatus.refused.rawValue)
        #expect(lines.count == 2 && lines.last == "It is refused.", "\(lines)")
        let line = try line(lines.first)
        #expect(line.outcome == "refused" && line.text == "It is refused." && line.status == nil)
    }

    @Test("Reasons not to arm come with what to do") func advice() throws {
        let (code, lines) = try run(["arm"]) { request in
            FakeCore.done { reply in
                reply.refused = request.operation == Contract.Operation.arm.rawValue ? 1 : 0
                fill(&reply.text, with: "Arming is refused: the arm switch is off.")
                reply.status.arming_refused = ArmingReasons([.armSwitch, .noPilot]).rawValue
            }
        }
        #expect(code == ExitStatus.refused.rawValue)
        #expect(
            lines.last
                == "Arming is refused: the arm switch is off. Do: switch the arm switch on; switch the transmitter on, or run 'droneagent pilot' in another terminal."
        )
    }

    @Test("A board is an object") func board() throws {
        let source = folder.path + "/bench.yaml"
        try Data(try BoardFileTests.shipped("bench.yaml").utf8).write(to: URL(fileURLWithPath: source))
        let program = try #require(LiveFlight.programs) + "/droneagent"
        for (index, arguments) in [
            ["board", "compile", source, "-o", folder.path + "/board.bin"], ["board", "show", source],
        ].enumerated() {
            let log = folder.path + "/board-\(index).log"
            let child = try Child("board", program, arguments + ["--json"], log: log)
            let limit = da_now() + 15_000_000_000
            while child.isRunning, da_now() < limit { da_sleep_until(da_now() + 20_000_000) }
            #expect(child.exitCode == 0, "\(child.output)")
            let object = try JSONSerialization.jsonObject(with: Data(child.output.utf8)) as? [String: Any]
            #expect((object?["hash"] as? String)?.count == 16, "\(child.output)")
            #expect(object?["name"] as? String != nil)
        }
    }
}
