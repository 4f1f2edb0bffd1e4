import Agent
import Bench
import CContract
import CPlatform
import Contract
import FlightLog
import Foundation
import Logging
import Testing

/// The whole of ring 2 on a real core, engine and registry. Whatever goes wrong, the old version flies on.
@Suite(.serialized, .enabled(if: LiveFlight.isPossible, LiveFlight.missing), .timeLimit(.minutes(10)))
struct LiveUpdateTests {
    /// A flight with v1 as owner; ended whatever happens.
    func flying(_ body: (LiveFlight) async throws -> Void) async throws {
        let flight = try LiveFlight()
        do {
            try await flight.begin()
            let started = try await flight.ask(AgentRequest(.start, reference: "\(flight.live.registry)/flight:v1"))
            try #require(
                started.outcome == .done, "\(started.text) \(flight.log("droneagent")) \(flight.log("flightcore"))")
            try await body(flight)
        } catch {
            await flight.end()
            throw error
        }
        await flight.end()
    }

    @Test func whatIsRefusedChangesNothing() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            let before = try flight.core.status()
            let labels = LiveEngineTests.flight
            let other = Platform(
                os: "linux", architecture: Platform.machine.architecture == "arm64" ? "amd64" : "arm64")
            _ = try await flight.registry.push(.init(), repository: "flight", tag: "test-plain")
            _ = try await flight.registry.push(
                .init(labels: labels, platform: other), repository: "flight", tag: "test-other")
            _ = try await flight.registry.push(
                .init(labels: labels, entry: "/absent"), repository: "flight", tag: "test-broken")
            for (reference, words) in [
                ("absent", "has no"), ("v1", "--again"), ("test-plain", "not a flight container"),
                ("test-other", "this machine is"), ("test-broken", "no such file"),
                ("127.0.0.1:1/flight:v1", "does not answer"),
                ("no tag", "no tag"), ("", "empty"),
            ] {
                let result = try await flight.update(reference)
                #expect(result.outcome == .refused, "\(reference): \(result.text)")
                #expect(result.text.contains(words) && !result.text.contains("\n"), "\(reference): \(result.text)")
                #expect(try flight.owner() == owner, "\(reference)")
            }
            let second = try await flight.ask(AgentRequest(.start, reference: "v1"))
            #expect(second.outcome == .refused && second.text.contains("owns the motors"), "\(second.text)")
            let rollback = try await flight.ask(AgentRequest(.rollback))
            #expect(rollback.outcome == .refused)
            let after = try flight.core.status()
            #expect(after.tick > before.tick)
            #expect(after.owner_epoch == before.owner_epoch)
            #expect(after.ticks_failsafe == before.ticks_failsafe)
            #expect(after.instances.count == 1)
        }
    }

    @Test func aDryRunPlansAndAnUpdateFlies() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            let plan = try await flight.update("v2", dryRun: true)
            #expect(plan.outcome == .done, "\(plan.text)")
            #expect(plan.plan?.channels.isEmpty == false)
            #expect(try flight.owner() == owner)
            let update = flight.updating("v2")
            try await flight.until("the update runs") { (try? await flight.phase()) != nil }
            let second = try await flight.update("v2")
            #expect(second.outcome == .refused && second.text.contains("under way"), "\(second.text)")
            let result = try await update.value
            #expect(result.outcome == .updated, "\(result.text) \(flight.log("droneagent"))")
            let status = try flight.core.status()
            #expect(try flight.owner() != owner && status.in_probation == 0)
            #expect(status.instances.count == 1)
            let pid = try #require(status.instances.first).pid
            #expect(try Self.lockedMemory(of: pid) > 0, "else its code may be paged out in flight")
            #expect(status.ticks_failsafe == 0)
            #expect(try Journal(path: flight.directories.journal).instances().map(\.role) == ["owner"])
        }
    }

    /// kB, as the kernel counts (proc_pid_status(5)).
    private static func lockedMemory(of pid: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmLck:") })
        return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
    }

    /// In the air, in manoeuvres: on the ground all commands would be zero and prove nothing.
    @Test func theSameImageCommandsTheSameBitsInShadow() async throws {
        try await flying { flight in
            let pilot = try PilotThread(flight.directories.coreSocket)
            defer { pilot.stop() }
            try await flight.until("it flies") { (try? flight.core.status().mode) == FlightMode.fly.rawValue }
            let owner = try flight.owner()
            var shadowBegan: UInt64?
            let result = try await flight.ask(AgentRequest(.update, reference: "v1", again: true)) { line in
                if line.phase == "shadowing", shadowBegan == nil { shadowBegan = da_now() }
            }
            #expect(result.outcome == .updated, "\(result.text) \(flight.log("droneagent"))")
            let began = try #require(shadowBegan)
            let logs = try [owner, flight.owner()].map { name in
                try CommandLogFile.read("\(flight.directories.instance(name))/\(DA_COMMAND_LOG)")
            }
            let identity = ShadowIdentity(owner: logs[0], candidate: logs[1], from: began)
            #expect(identity.compared > 250, "\(identity)")
            #expect(identity.unequal == 0, "\(identity)")
            let asked = Set(logs[0].filter { $0.sample_ns >= began }.map { $0.motor.0 })
            #expect(asked.count > 250, "a vehicle that stands commands the same all the time")
            #expect(pilot.fault == nil)
            // The same in the flight's own log, by name. A machine that stalls may have missed ticks.
            let verdict = try flight.logged()
            // It begins before arming, when perhaps nobody owned.
            let watched = verdict.watches.map(\.name).filter { !$0.isEmpty }
            #expect(watched == [owner, try flight.owner()], "\(verdict)")
            #expect(verdict.watches.map(\.cause).last == "requested" && verdict.faults.isEmpty && verdict.ticks > 1000)
            #expect(verdict.doubled == 0 && verdict.twoOwner == 0 && verdict.pastEpochs == 0, "\(verdict)")
        }
    }

    @Test func aRollbackInProbationGivesControlBack() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            let update = flight.updating("v2")
            try await flight.until("probation") { (try? await flight.phase()) == "probation" }
            #expect(try flight.owner() != owner)
            // Who has not asked for the update sees all of it.
            let seen = try await flight.ask(AgentRequest(.status)).status?.update
            #expect(seen?.reference.hasSuffix("v2") == true && seen?.plan?.channels.isEmpty == false)
            #expect(seen?.steps.first?.phase == "pulling" && seen?.steps.last?.phase == "probation")
            let rollback = try await flight.ask(AgentRequest(.rollback))
            #expect(rollback.outcome == .done)
            let result = try await update.value
            #expect(result.outcome == .rolledBack, "\(result.text)")
            #expect(try flight.owner() == owner)
            #expect(try flight.core.status().instances.count == 1)
        }
    }

    @Test func aCandidateThatDiesInProbationGivesControlBack() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            let update = flight.updating("v2")
            try await flight.until("probation") { (try? await flight.phase()) == "probation" }
            let connections = Connections()
            let engine = try await Engine(socket: flight.live.socket, connections)
            let candidate = try flight.owner()
            try await engine.kill(ContainerPlan.name(of: candidate))
            await connections.shutdown()
            let result = try await update.value
            #expect(result.outcome == .rolledBack, "\(result.text)")
            #expect(try flight.owner() == owner)
            #expect(try flight.core.status().ticks_failsafe == 0)
        }
    }

    @Test(arguments: ["shadowing", "probation"])
    func anAgentThatIsKilledIsTakenUp(phase: String) async throws {
        try await flying { flight in
            let owner = try flight.owner()
            let update = flight.updating("v2")
            try await flight.until(phase) { (try? await flight.phase()) == phase }
            let before = try flight.core.status().tick
            try await flight.killAgent()
            _ = await update.result
            try await flight.until("the tick goes on") { (try? flight.core.status().tick) ?? 0 > before + 100 }
            try await flight.startAgent()
            let journal = try Journal(path: flight.directories.journal)
            try await flight.until("the update has an end") { (try? journal.lastUpdate())??.outcome != nil }
            let last = try #require(try journal.lastUpdate())
            #expect(last.outcome == (phase == "shadowing" ? "refused" : "updated"), "\(last.reason ?? "")")
            #expect((try flight.owner() == owner) == (phase == "shadowing"))
            try await flight.until("only the owner is left") { (try? flight.core.status().instances.count) == 1 }
            // What was taken up is over: the next update runs.
            let again = try await flight.updateBehindRecovery("v2", again: true)
            #expect(again.outcome == .updated, "\(again.text) \(flight.log("droneagent"))")
        }
    }

    /// Invariant 12: the recovery itself is killed, again and again, and ends as if it had been done once.
    @Test func aRecoveryThatIsKilledEndsTheSame() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            let update = flight.updating("v2")
            try await flight.until("shadowing") { (try? await flight.phase()) == "shadowing" }
            let before = try flight.core.status()
            try await flight.killAgent()
            _ = await update.result
            for milliseconds in [30, 120, 400] {
                try flight.launchAgent()
                try await Task.sleep(for: .milliseconds(milliseconds))
                try await flight.killAgent()
            }
            try await flight.startAgent()
            let journal = try Journal(path: flight.directories.journal)
            try await flight.until("the update has an end") { (try? journal.lastUpdate())??.outcome != nil }
            try await flight.until("only the owner is left") { (try? flight.core.status().instances.count) == 1 }
            func state() throws -> (update: UpdateRecord?, instances: [InstanceRecord], epoch: UInt64) {
                (try journal.lastUpdate(), try journal.instances(), try flight.core.status().owner_epoch)
            }
            let once = try state()
            #expect(once.update?.outcome == "refused" && once.instances.map(\.name) == [owner])
            #expect(once.epoch == before.owner_epoch, "who flies was not touched")
            try await flight.killAgent()
            try await flight.startAgent()
            #expect(try await flight.phase() == nil)
            let twice = try state()
            #expect(twice.update == once.update && twice.instances == once.instances && twice.epoch == once.epoch)
        }
    }

    /// Invariant 10: whoever asks, and whatever the journal says, who owns is not stopped.
    @Test func whoFliesIsNotStopped() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            try await flight.killAgent()
            let agent = try FlightAgent(
                directories: flight.directories, engineSocket: flight.live.socket, logger: Logger(label: "test"))
            let before = try flight.core.status()
            #expect(await agent.stopInstance(owner) == false)
            try await flight.until("the tick goes on") { (try? flight.core.status().tick) ?? 0 > before.tick + 50 }
            let after = try flight.core.status()
            #expect(after.tick > before.tick && after.owner_epoch == before.owner_epoch)
            #expect(try flight.owner() == owner)
            #expect(try Journal(path: flight.directories.journal).instances().map(\.name) == [owner])
        }
    }

    @Test(.enabled(if: SilentProgram.bytes != nil, "the silent program is written for amd64"))
    func aSilentCandidateIsGivenUp() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            var image = LiveRegistry.Image(labels: LiveEngineTests.flight)
            image.content = try #require(SilentProgram.bytes)
            _ = try await flight.registry.push(image, repository: "flight", tag: "test-silent")
            let update = flight.updating("test-silent")
            try await flight.until("the silent one runs") { (try? await flight.phase()) == "starting" }
            #expect(try flight.owner() == owner)
            let result = try await update.value
            #expect(result.outcome == .refused && result.text.contains("did not start and say"), "\(result.text)")
            #expect(try flight.owner() == owner)
            #expect(try flight.core.status().instances.count == 1)
        }
    }

    @Test func anEngineThatIsAwayIsOneSentence() async throws {
        try await flying { flight in
            let owner = try flight.owner()
            try await flight.killAgent()
            try await flight.startAgent(engine: flight.folder.path + "/no-engine.sock")
            let result = try await flight.update("v2")
            #expect(
                result.outcome == .refused && result.text.contains("no-engine.sock does not answer"), "\(result.text)")
            #expect(try flight.owner() == owner)
            // For the end of the test: with its engine back the agent goes on.
            try await flight.killAgent()
            try await flight.startAgent()
        }
    }
}
