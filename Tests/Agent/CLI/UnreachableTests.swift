import ArgumentParser
import CLI
import FoundationEssentials
import Testing

@Suite("Nobody answers")
struct UnreachableTests {
    /// A run directory that has no sockets.
    private let run = "\(FileManager.default.temporaryDirectory.path)/droneagent-nobody-\(UUID().uuidString)"

    private func failure(_ line: String) async -> CommandFailure? {
        do {
            let arguments = line.split(separator: " ").map(String.init) + ["--run", run]
            guard var command = try DroneAgent.parseAsRoot(arguments) as? any AsyncParsableCommand else {
                var command = try DroneAgent.parseAsRoot(arguments)
                try command.run()
                return nil
            }
            try await command.run()
            return nil
        } catch {
            return error as? CommandFailure
        }
    }

    @Test("The agent", arguments: ["update v2", "update v2 --json", "start a.b/c:d", "status", "watch"])
    func agent(_ line: String) async throws {
        let failure = try #require(await failure(line))
        #expect(failure.status == .agentUnreachable)
        #expect(failure.sentence.hasPrefix("The agent does not answer at \(run)/agent.sock"))
        #expect(failure.sentence.contains("droneagent serve"))
        #expect(!failure.sentence.contains("\n"))
    }

    @Test("The core", arguments: ["arm", "disarm", "disarm --force", "takeoff 3", "land"])
    func core(_ line: String) async throws {
        let failure = try #require(await failure(line))
        #expect(failure.status == .coreUnreachable)
        #expect(failure.sentence.hasPrefix("The flight core does not answer at \(run)/core.sock"))
        #expect(failure.sentence.contains("--run"))
        #expect(!failure.sentence.contains("\n"))
    }

    @Test("Neither, for a rollback") func rollback() async throws {
        #expect(try #require(await failure("rollback")).status == .coreUnreachable)
    }

    @Test("The process ends with that code") func code() async {
        #expect(await DroneAgent.launch(["status", "--run", run]) == 5)
        #expect(await DroneAgent.launch(["land", "--run", run]) == 6)
    }
}
