import Agent
import CContract
import Contract
import Foundation
import Testing

// Nested: one live flight at a time.
extension LiveUpdateTests {
    /// The core crashes in the middle of an update: agent and containers find it again, and the update comes to an end.
    @Suite(.timeLimit(.minutes(5))) struct CoreCrashUpdateTests {
        @Test(arguments: ["starting", "shadowing", "probation"])
        func theUpdateEndsAllTheSame(phase: String) async throws {
            let flight = try LiveFlight()
            do {
                try await flight.begin()
                let started = try await flight.ask(AgentRequest(.start, reference: "\(flight.live.registry)/flight:v1"))
                try #require(started.outcome == .done, "\(started.text) \(flight.log("flightcore"))")
                try await check(flight, phase)
            } catch {
                await flight.end()
                throw error
            }
            await flight.end()
        }

        /// The agent runs on: it gives the next core the container that the former one had, not another.
        @Test func aCoreThatBeginsAnewGetsItsContainerBack() async throws {
            let flight = try LiveFlight()
            do {
                try await flight.begin()
                let started = try await flight.ask(AgentRequest(.start, reference: "\(flight.live.registry)/flight:v1"))
                try #require(started.outcome == .done, "\(started.text) \(flight.log("flightcore"))")
                let owner = try flight.owner()
                let container = try #require(try process(owner, flight))
                try await flight.replaceCore()
                try await flight.until("the container owns the motors again") { (try? flight.owner()) == owner }
                #expect(try process(owner, flight) == container)
                #expect(try Journal(path: flight.directories.journal).instances().map(\.role) == ["owner"])
                let update = try await flight.updateBehindRecovery("v2")
                #expect(update.outcome == .updated, "\(update.text)")
            } catch {
                await flight.end()
                throw error
            }
            await flight.end()
        }

        /// The instance's process by the core's word.
        private func process(_ name: String, _ flight: LiveFlight) throws -> Int32? {
            try flight.core.status().instance(named: name)?.pid
        }

        private func check(_ flight: LiveFlight, _ phase: String) async throws {
            let (owner, core) = (try flight.owner(), try #require(flight.corePid))
            let update = flight.updating("v2")
            try await flight.until(phase) { (try? await flight.phase()) == phase }
            let before = try flight.core.status()
            flight.killCore()
            try await flight.until("another core ticks on") {
                (try? flight.core.status().tick) ?? 0 > before.tick + 10 && flight.corePid != core
            }
            let result = try await update.value
            let after = try flight.core.status()
            // It goes through: state flows again, the window in shadow begins anew, a probation goes on.
            #expect(
                result.outcome == .updated, "\(result.text) \(flight.log("droneagent")) \(flight.log("flightcore"))")
            #expect(try flight.owner() != owner)
            #expect(after.owner_epoch > before.owner_epoch && after.in_probation == 0 && after.instances.count == 1)
            #expect(after.ticks_failsafe == 0, "on the ground nothing is flown by the core itself")
            #expect(try Journal(path: flight.directories.journal).instances().map(\.role) == ["owner"])
            // What was taken up is as good as new.
            let again = try await flight.update("v2", again: true)
            #expect(again.outcome == .updated, "\(again.text)")
        }
    }
}
