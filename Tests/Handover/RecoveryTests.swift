import Contract
import Handover
import Testing

/// What a restarted agent owes, judged from every combination.
@Suite struct RecoveryTests {
    static let before: [HandoverPhase] = [
        .pulling, .verifying, .starting, .planning, .syncing, .shadowing, .ready, .switching,
    ]
    static let after: [HandoverPhase] = [.probation, .committing]

    private func judge(_ phase: HandoverPhase, owner: String?, inProbation: Bool) -> Recovery {
        Recovery.judge(
            phase: phase, owner: "old", candidate: "new",
            CoreWord(owner: owner, inProbation: inProbation, switchPending: false))
    }

    @Test(arguments: before + after)
    func theCoresWordIsAboveTheJournals(phase: HandoverPhase) {
        #expect(judge(phase, owner: "new", inProbation: true) == .resume)
        #expect(judge(phase, owner: "new", inProbation: false) == .finish)
    }

    @Test(arguments: before, ["old", nil])
    func beforeTheSwitchItIsUndone(phase: HandoverPhase, owner: String?) {
        guard case .undo(.refused(let why)) = judge(phase, owner: owner, inProbation: false) else {
            Issue.record("not undone in \(phase)")
            return
        }
        #expect(why.contains(phase.rawValue))
    }

    @Test(arguments: after)
    func afterTheSwitchTheEndIsNamed(phase: HandoverPhase) {
        guard case .undo(.rolledBack) = judge(phase, owner: "old", inProbation: false) else {
            Issue.record("no way back seen")
            return
        }
        guard case .undo(.rollbackFailed) = judge(phase, owner: nil, inProbation: false) else {
            Issue.record("a flight without owner passed over")
            return
        }
    }

    @Test func whatIsLeftOver() {
        #expect(Leftover.judge(role: .standby, served: .owner, isRunning: true) == .keep)
        #expect(Leftover.judge(role: .owner, served: .standby, isRunning: true) == .keep)
        #expect(Leftover.judge(role: .candidate, served: .shadow, isRunning: true) == .stop)
        #expect(Leftover.judge(role: .owner, served: nil, isRunning: true) == .attach)
        #expect(Leftover.judge(role: .owner, served: nil, isRunning: false) == .stop)
        #expect(Leftover.judge(role: .candidate, served: nil, isRunning: true) == .stop)
    }
}

/// Who is ended at the end of an update, from the core's word alone.
@Suite struct EndingTests {
    private func word(_ owner: String?) -> CoreWord {
        CoreWord(owner: owner, inProbation: false, switchPending: false)
    }

    @Test func whoOwnsStays() {
        #expect(Ending.old("old", word("old")) == .keep)
        #expect(Ending.old("old", word("new")) == .stop)
        #expect(Ending.candidate("new", word("new")) == .askRollback)
        #expect(Ending.candidate("new", word("old")) == .stop)
        #expect(Ending.mayStop("new", word("old")))
        #expect(!Ending.mayStop("new", word("new")))
    }

    @Test func aSilentCoreStopsNothing() {
        #expect(Ending.old("old", nil) == .wait)
        #expect(Ending.candidate("new", nil) == .wait)
        #expect(!Ending.mayStop("new", nil))
    }
}
