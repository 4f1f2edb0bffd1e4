import Agent
import CContract
import Contract
import Foundation
import Testing

/// Candidates with one flaw each (Tests/Candidates) are refused before the switch, and the flight goes on.
extension LiveUpdateTests {
    private static let flaws = [
        ("reversed", "limit"), ("doubled", "still swung"), ("delayed", "limit"), ("late", "answers a sample after"),
    ]

    /// One after the other into the same flight: doublets, turns and climbs go on.
    @Test func flawedCandidatesAreRefusedInTheAir() async throws {
        try await flying { flight in
            let pilot = try PilotThread(flight.directories.coreSocket)
            defer { pilot.stop() }
            try await flight.until("it flies") { (try? flight.core.status().mode) == FlightMode.fly.rawValue }
            try await expectRefused(flight)
            #expect(try flight.core.status().mode == FlightMode.fly.rawValue && pilot.fault == nil)
        }
    }

    @Test func flawedCandidatesAreRefusedOnTheGround() async throws {
        try await flying { flight in try await expectRefused(flight) }
    }

    private func expectRefused(_ flight: LiveFlight) async throws {
        let owner = try flight.owner()
        let before = try flight.core.status()
        for (flaw, words) in Self.flaws {
            var phases: [String] = []
            let result = try await flight.ask(AgentRequest(.update, reference: "test-\(flaw)")) { line in
                if let phase = line.phase, phases.last != phase { phases.append(phase) }
            }
            print("\(flaw): \(result.text)")
            #expect(result.outcome == .refused, "\(flaw): \(result.text)")
            #expect(result.text.contains("failed its rehearsal") && result.text.contains(words), "\(result.text)")
            #expect(!result.text.contains("\n"))
            #expect(phases.contains("rehearsing") && !phases.contains("syncing"), "\(flaw): \(phases)")
            #expect(try flight.owner() == owner, "\(flaw)")
        }
        let after = try flight.core.status()
        #expect(after.tick > before.tick && after.owner_epoch == before.owner_epoch)
        #expect(after.ticks_failsafe == before.ticks_failsafe)
        try await expectOnlyTheOwner(flight)
    }

    /// Nothing of a rehearsal is left: no slot of the core, no container, no record; after a crash its folder is kept
    /// for a while, as that of any instance.
    func expectOnlyTheOwner(_ flight: LiveFlight, crashed: Bool = false) async throws {
        #expect(try flight.core.status().instances.count == 1)
        #expect(try Journal(path: flight.directories.journal).instances().map(\.role) == ["owner"])
        let folders = try FileManager.default.contentsOfDirectory(atPath: flight.directories.run + "/instances")
        #expect(crashed || !folders.contains { $0.contains("rehearsal") }, "\(folders)")
        let connections = Connections()
        let engine = try await Engine(socket: flight.live.socket, connections)
        let containers = try await engine.flightContainers()
        await connections.shutdown()
        #expect(containers.count == 1)
    }

    @Test func anAgentThatIsKilledInARehearsalLeavesNothing() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            let update = flight.updating("v2")
            try await flight.until("it rehearses") { (try? flight.core.status().instances.count) == 3 }
            try await flight.killAgent()
            _ = await update.result
            try await flight.startAgent()
            let journal = try Journal(path: flight.directories.journal)
            try await flight.until("the update has an end") { (try? journal.lastUpdate())??.outcome != nil }
            let last = try #require(try journal.lastUpdate())
            #expect(last.outcome == "refused" && last.reason?.contains("rehearsing") == true, "\(last.reason ?? "")")
            try await flight.until("only the owner is left") {
                ((try? flight.core.status().instances.count) == 1)
                    && ((try? journal.instances().count) == 1)
            }
            #expect(try flight.owner() == owner)
            let again = try await flight.updateBehindRecovery("v2")
            #expect(again.outcome == .updated, "\(again.text) \(flight.log("droneagent"))")
            try await expectOnlyTheOwner(flight, crashed: true)
        }
    }

    @Test func callingOffARehearsalLeavesNothing() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            let update = flight.updating("v2")
            try await flight.until("it rehearses") { (try? flight.core.status().instances.count) == 3 }
            try await callOff(update, of: flight, owner: owner)
        }
    }

    /// It is refused as called off, and leaves nothing.
    func callOff(_ update: Task<AgentLine, any Error>, of flight: LiveFlight, owner: String) async throws {
        let rollback = try await flight.ask(AgentRequest(.rollback))
        #expect(rollback.outcome == .done)
        let result = try await update.value
        #expect(result.outcome == .refused && result.text.contains("called off"), "\(result.text)")
        #expect(try flight.owner() == owner)
        try await expectOnlyTheOwner(flight)
    }
}
