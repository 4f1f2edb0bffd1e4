import Bench
import FlightCore
import Testing

/// Every reachable state of the shipped arbiter, handover machine and recovery, and the bugs that the walk must find.
@Suite struct HandoverWalkTests {
    private func walk(_ options: HandoverSystem.Options) -> Exploration {
        Explorer<HandoverSystem>().explore(HandoverSystem(options))
    }

    /// `Board/bench test` walks with two faults in a step of its own.
    @Test func noFaultBreaksAnInvariant() {
        let found = walk(HandoverSystem.Options(faults: 1))
        print(found.summary(faults: 1))
        #expect(found.breach == nil)
        #expect(found.isWhole && found.settling == found.states)
        #expect(found.states > 100_000)
    }

    /// Three epochs are in reserve and no more can be written: the switch, the way back and the failsafe take them.
    @Test func norWithAFullDisk() {
        var options = HandoverSystem.Options(faults: 1)
        options.epochs = 4
        options.diskIsFull = true
        let found = walk(options)
        #expect(found.breach == nil)
        #expect(found.isWhole && found.settling == found.states)
    }

    /// Seeded: a command of a past epoch is written.
    @Test func aGapInTheFenceIsFound() throws {
        var options = HandoverSystem.Options(faults: 1)
        options.fence = .open
        let breach = try #require(walk(options).breach)
        print(
            "seeded, a command of the former epoch is written: \(breach.what)\n  \(breach.trace.joined(separator: "\n  "))"
        )
        #expect(breach.what.hasPrefix("1:") || breach.what.hasPrefix("4:"))
        #expect(!breach.trace.isEmpty)
        #expect(breach.trace.last?.contains("claims") == true, "\(breach.trace)")
    }

    /// Seeded: whoever answers is written. No fault is needed.
    @Test func noFenceIsFound() throws {
        var options = HandoverSystem.Options(faults: 0)
        options.fence = .absent
        let breach = try #require(walk(options).breach)
        #expect(breach.what.hasPrefix("1:") && !breach.trace.isEmpty)
    }
}
