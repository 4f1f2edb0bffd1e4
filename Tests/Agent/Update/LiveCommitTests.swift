import Agent
import CContract
import Contract
import Testing

/// What is committed outlives the update: it can be gone back to, and it comes back with the power.
extension LiveUpdateTests {
    @Test func whatIsCommittedComesBack() async throws {
        try await flying { flight in
            func manifest() async throws -> String? {
                let owner = try flight.owner()
                return try await flight.ask(AgentRequest(.status)).status?.instances.first { $0.name == owner }?
                    .manifest
            }
            let first = try #require(try await manifest())
            let nothing = try await flight.ask(AgentRequest(.rollback))
            #expect(nothing.outcome == .refused && nothing.text.contains("no version was committed"), "\(nothing.text)")
            // Another image with v1's program: v1 itself cannot read v2's newer state, so there is no way back from that.
            try await flight.registry.push("v1", repository: "flight", as: "test-twin", environment: ["TWIN=1"])
            let update = try await flight.update("test-twin")
            #expect(update.outcome == .updated, "\(update.text)")
            let second = try #require(try await manifest())
            #expect(second != first)
            let back = try await flight.ask(AgentRequest(.rollback))
            #expect(back.outcome == .updated, "\(back.text)")
            #expect(try await manifest() == first)
            // Behind a switch that was never committed: on probation when the power goes.
            let third = flight.updating("v2")
            try await flight.until("the probation") { (try? flight.core.status().in_probation) == 1 }
            try await flight.losePower()
            _ = await third.result
            try await flight.begin()
            try await flight.until("the committed version owns the motors") { (try? flight.owner()) != "" }
            #expect(try await manifest() == first, "not the version that was on probation")
            let status = try #require(try await flight.ask(AgentRequest(.status)).status)
            #expect(status.instances.count == 1 && status.committed?.contains(":v1") == true)
            #expect(status.previous?.contains(":test-twin") == true)
        }
    }

    @Test func imagesThatNobodyCanComeBackToAreRemoved() async throws {
        try await flying { flight in
            _ = try await flight.registry.push(
                .init(labels: LiveEngineTests.flight, entry: "/gone"), repository: "flight", tag: "test-gone")
            let refused = try await flight.update("test-gone")
            #expect(refused.outcome == .refused, "\(refused.text)")
            let journal = try Journal(path: flight.directories.journal)
            let image = try #require(try journal.resolved(most: 1).first)
            let kept = try #require(try journal.committed().current)
            #expect(image.manifest != kept.manifest)
            let connections = Connections()
            let engine = try await Engine(socket: flight.live.socket, connections)
            try await flight.until("the engine has it no more") {
                do { return try await engine.image(image.pullReference) == nil } catch { return false }
            }
            #expect(try await engine.image(kept.pullReference) != nil)
            await connections.shutdown()
        }
    }

    /// Behind the commit nobody is warm: the core's failsafe holds the drone until the agent has started the committed
    /// version again and that has proved itself.
    @Test func anOwnerThatDiesInTheAirIsStartedAgain() async throws {
        try await flying { flight in
            let pilot = try PilotThread(flight.directories.coreSocket)
            defer { pilot.stop() }
            try await flight.until("it flies") { (try? flight.core.status().mode) == FlightMode.fly.rawValue }
            let (owner, before) = (try flight.owner(), try flight.core.status())
            let connections = Connections()
            try await Engine(socket: flight.live.socket, connections).kill(ContainerPlan.name(of: owner))
            await connections.shutdown()
            try await flight.until("another container flies") {
                guard let status = try? flight.core.status(), let now = status.owner else { return false }
                return text(now.name) != owner && status.mode == FlightMode.fly.rawValue
            }
            let after = try flight.core.status()
            #expect(after.ticks_failsafe > before.ticks_failsafe && after.owner_epoch > before.owner_epoch)
            #expect(after.on_ground == 0 && pilot.fault == nil)
            try await flight.until("only the new one is left") {
                ((try? flight.core.status().instances.count) == 1)
                    && ((try? Journal(path: flight.directories.journal).instances().count) == 1)
            }
            // The update that comes next finds all in order, as soon as the pilot has climbed back from where the failsafe
            // sank to.
            let update = try await flight.ask(AgentRequest(.update, reference: "v2", wait: 60))
            #expect(update.outcome == .updated, "\(update.text)")
        }
    }
}
