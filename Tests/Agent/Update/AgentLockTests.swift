import Agent
import Logging
import Testing

/// Two agents on one journal would undo each other's work.
@Suite struct AgentLockTests {
    @Test func theSecondAgentIsRefused() throws {
        let folder = TestFolder()
        let directories = Directories(run: folder.path + "/run", state: folder.path + "/state")
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let first = try FlightAgent(directories: directories, engineSocket: "/nonexistent", logger: logger)
        let fault = try #require(throws: Fault.self) {
            try FlightAgent(directories: directories, engineSocket: "/nonexistent", logger: logger)
        }
        #expect(fault.sentence.hasPrefix("Another agent holds"))
        withExtendedLifetime(first) {}
    }
}
