import Agent
import Bench
import CContract
import CPlatform
import Contract
import Foundation
import Simulator
import Testing

/// Hostile candidates in real containers with the agent's limits, one after the other into the same flight.
extension LiveUpdateTests {
    private struct Candidate {
        var flaw: String
        var environment: [String] = []
        var outcomes: [Outcome] = [.refused]
        /// What it does hurts nobody but itself, so that it may come as far as its probation; there it is called off.
        var isCalledOff = false
    }

    /// ns: a stall of the machine that, with a tick on either side, outlasts what the core bridges without its owner.
    private static let unbridged: UInt64 = 8_000_000

    /// s after its start: behind the rehearsal, in shadow or probation.
    private static let later = "FLAW_AFTER=6"

    private static let candidates = [
        Candidate(flaw: "forks", outcomes: [.refused, .rolledBack], isCalledOff: true),
        Candidate(flaw: "memory", outcomes: [.refused, .rolledBack], isCalledOff: true),
        Candidate(flaw: "extreme"),
        Candidate(flaw: "unread"),
        Candidate(flaw: "liar", outcomes: [.refused, .rolledBack], isCalledOff: true),
        Candidate(flaw: "schema"),
        Candidate(flaw: "malformed"),
        Candidate(flaw: "epochs"),
        Candidate(flaw: "flood"),
        Candidate(flaw: "spin", environment: [later], outcomes: [.refused, .rolledBack]),
        Candidate(flaw: "nan", environment: [later, "FLAW_OWNER=1"], outcomes: [.rolledBack]),
        Candidate(flaw: "hog", outcomes: [.refused, .rolledBack], isCalledOff: true),
    ]

    @Test func hostileCandidatesDoNotHurtTheFlight() async throws {
        try await flying { flight in
            let pilot = try PilotThread(flight.directories.coreSocket)
            defer { pilot.stop() }
            try await flight.until("it flies") { (try? flight.core.status().mode) == FlightMode.fly.rawValue }
            print("| candidate | came to | held | late | refused as stale | said |\n|---|---|---|---|---|---|")
            for candidate in Self.candidates {
                let tag = "test-hostile-\(candidate.flaw)"
                try await flight.registry.push(
                    "test-reversed", repository: "flight", as: tag,
                    environment: ["FLAW=\(candidate.flaw)"] + candidate.environment)
                let (before, owner) = (try flight.core.status(), try flight.owner())
                let update = flight.updating(tag)
                if candidate.isCalledOff {
                    var hasBegun = false
                    try await flight.until("probation, or an end") {
                        let phase = try? await flight.phase()
                        if phase != nil { hasBegun = true }
                        return phase == "probation" || hasBegun && phase == nil
                    }
                    _ = try await flight.ask(AgentRequest(.rollback))
                }
                let result = try await update.value
                let after = try flight.core.status()
                let longest = flight.longestStall(since: before.now_ns)
                print(
                    "| \(candidate.flaw) | \(result.outcome?.rawValue ?? "") | \(after.ticks_held - before.ticks_held) | \(after.ticks_late - before.ticks_late) | \(after.stale_refused - before.stale_refused) | \(result.text) |"
                )
                if after.ticks_failsafe != before.ticks_failsafe, longest >= Self.unbridged {
                    // No program could run, the owner's least of all; the others have had their turn or come next time.
                    print("The machine stalled for \(longest / 1_000_000) ms under '\(candidate.flaw)'; not judged.")
                    return
                }
                #expect(result.outcome.map(candidate.outcomes.contains) == true, "\(candidate.flaw): \(result.text)")
                #expect(!result.text.contains("\n"), "\(candidate.flaw)")
                #expect(try flight.owner() == owner, "\(candidate.flaw)")
                #expect(after.mode == FlightMode.fly.rawValue && pilot.fault == nil, "\(candidate.flaw)")
                #expect(after.ticks_failsafe == before.ticks_failsafe, "\(candidate.flaw)")
                try await flight.until("only the owner is left") {
                    ((try? flight.core.status().instances.count) == 1)
                        && ((try? Journal(path: flight.directories.journal).instances().count) == 1)
                }
            }
        }
    }

    /// The new owner is stopped for a second and wakes up with answers to all that it has missed.
    @Test func whoWakesUpIsRefusedAtTheCore() async throws {
        try await flying { flight in
            let pilot = try PilotThread(flight.directories.coreSocket)
            defer { pilot.stop() }
            try await flight.until("it flies") { (try? flight.core.status().mode) == FlightMode.fly.rawValue }
            let owner = try flight.owner()
            let update = flight.updating("v2")
            try await flight.until("probation") { (try? await flight.phase()) == "probation" }
            let before = try flight.core.status()
            let candidate = try #require(before.instances.first { $0.pid > 0 && text($0.name) != owner })
            // The agent would end it meanwhile, as it should.
            let agent = try #require(flight.agent).processIdentifier
            kill(agent, SIGSTOP)
            defer { kill(agent, SIGCONT) }
            kill(candidate.pid, SIGSTOP)
            defer { kill(candidate.pid, SIGCONT) }
            try await flight.until("the way back") { (try? flight.owner()) == owner }
            try await Task.sleep(for: .seconds(1))
            kill(candidate.pid, SIGCONT)
            try await flight.until("what it says now is refused") {
                (try? flight.core.status().stale_refused) ?? 0 > before.stale_refused
            }
            kill(agent, SIGCONT)
            let result = try await update.value
            #expect(result.outcome == .rolledBack, "\(result.text)")
            let after = try flight.core.status()
            #expect(try flight.owner() == owner && after.mode == FlightMode.fly.rawValue && pilot.fault == nil)
            #expect(after.ticks_failsafe == before.ticks_failsafe)
            // Three missed deadlines are its own; a stall of the machine adds to them.
            let stalled = flight.longestStall(since: before.now_ns) / 2_000_000 + 1
            #expect(after.ticks_held - before.ticks_held <= 3 + stalled)
        }
    }
}
