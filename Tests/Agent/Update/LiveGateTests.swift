import Agent
import CContract
import Contract
import Testing

extension LiveUpdateTests {
    /// In take-off an update does not begin; one that may wait begins as soon as it flies.
    @Test func theGateIsWaitedFor() async throws {
        try await flying { flight in
            let pilot = try PilotThread(flight.directories.coreSocket)
            defer { pilot.stop() }
            try await flight.until("it takes off") { (try? flight.core.status().mode) == FlightMode.takeoff.rawValue }
            let refused = try await flight.update("v2")
            #expect(refused.outcome == .refused && refused.text.contains("the vehicle takes off"), "\(refused.text)")
            var said: [String] = []
            let waited = try await flight.ask(AgentRequest(.update, reference: "v2", wait: 30)) { line in
                if line.phase == "gate" { said.append(line.text) }
            }
            #expect(waited.outcome == .updated, "\(waited.text)")
            #expect(said.contains { $0.hasPrefix("Waiting: ") && $0.contains("takes off") }, "\(said)")
            #expect(pilot.fault == nil)
        }
    }
}
