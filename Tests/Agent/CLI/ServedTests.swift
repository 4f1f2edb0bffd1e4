import Agent
import CLI
import FoundationEssentials
import Logging
import Testing

/// The verbs against the agent's real socket, behind which a canned answer stands.
@Suite("An agent that answers")
struct ServedTests {
    /// Runs the command line against an agent that answers so, and gives the exit code and what was asked.
    private func launch(_ line: String, answer: AgentLine) async throws -> (code: Int32, asked: AgentRequest?) {
        let run = "\(FileManager.default.temporaryDirectory.path)/da-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: run) }
        let (requests, asked) = AsyncStream.makeStream(of: AgentRequest.self)
        let (starts, started) = AsyncStream.makeStream(of: Void.self)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = AgentServer(path: "\(run)/agent.sock", logger: logger) { request, progress in
            asked.yield(request)
            progress(.progress("pulling", "The image is pulled.", done: 1, total: 2, unit: "bytes"))
            return answer
        }
        let serving = Task { try? await server.run { started.yield() } }
        for await _ in starts { break }
        let code = await DroneAgent.launch(line.split(separator: " ").map(String.init) + ["--run", run])
        asked.finish()
        serving.cancel()
        _ = await serving.value
        var request: AgentRequest?
        for await one in requests { request = one }
        return (code, request)
    }

    @Test(
        "Each outcome of an update ends the command with its code",
        .timeLimit(.minutes(1)),
        arguments: Array(zip(Outcome.allCases, [0, 0, 2, 3, 4] as [Int32])), ["update v2", "update v2 --json"])
    func update(_ expected: (Outcome, Int32), _ line: String) async throws {
        let (code, asked) = try await launch(line, answer: .result(expected.0, "So it ended."))
        #expect(code == expected.1)
        #expect(asked == AgentRequest(.update, reference: "v2"))
    }

    @Test("Flags reach the agent", .timeLimit(.minutes(1))) func flags() async throws {
        let (code, asked) = try await launch("update v2 --dry-run --again", answer: .result(.done, "Plan."))
        #expect(code == 0)
        #expect(asked == AgentRequest(.update, reference: "v2", dryRun: true, again: true))
        let (_, waiting) = try await launch("update v2 --wait 30", answer: .result(.done, "Plan."))
        #expect(waiting == AgentRequest(.update, reference: "v2", wait: 30))
        let (_, forced) = try await launch("update v2 --now", answer: .result(.done, "Plan."))
        #expect(forced == AgentRequest(.update, reference: "v2", now: true))
    }

    @Test("A rollback that rolls back is a success", .timeLimit(.minutes(1))) func rollback() async throws {
        #expect(try await launch("rollback", answer: .result(.rolledBack, "Back.")).code == 0)
        #expect(try await launch("rollback", answer: .result(.refused, "Nothing.")).code == 2)
    }

    @Test("A status without a core says so in its code", .timeLimit(.minutes(1))) func status() async throws {
        var answer = AgentLine.result(.done, "Status.")
        answer.status = try report(#"{"core_fault":"No core.","instances":[]}"#)
        #expect(try await launch("status", answer: answer).code == ExitStatus.coreUnreachable.rawValue)
    }
}

func report<Report: Decodable>(_ json: String) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(json.utf8))
}
