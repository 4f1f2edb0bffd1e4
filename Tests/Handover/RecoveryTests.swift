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

    @Test func whatWasBeingUndoneIsNotTakenUp() {
        #expect(judge(.undoing, owner: "new", inProbation: true) == .askRollback)
        #expect(judge(.undoing, owner: "new", inProbation: false) == .finish)
    }
}

/// What is done about containers that belong to no update any more.
@Suite struct LeftoverTests {
    private func judge(
        _ role: FlightRole?, owner: String?, isServed: Bool = true, isRunning: Bool? = true,
        beside other: Leftover.Instance? = nil
    ) -> Leftover {
        let it = Leftover.Instance(name: "it", role: role, isServed: isServed, isRunning: isRunning)
        return Leftover.judge(
            it, of: [it] + (other.map { [$0] } ?? []),
            CoreWord(owner: owner, inProbation: false, switchPending: false))
    }

    @Test func whoOwnsIsKept() {
        #expect(judge(.owner, owner: "it") == .keep)
        #expect(judge(.candidate, owner: "it") == .adopt)
        for role in [FlightRole.owner, .candidate, .standby] { #expect(judge(role, owner: "another") == .stop) }
    }

    @Test func whenNobodyOwnsWhatFlewLastIsKept() {
        #expect(judge(.owner, owner: nil) == .keep)
        #expect(judge(.owner, owner: nil, isRunning: nil) == .keep, "the engine is away")
        #expect(judge(.standby, owner: nil) == .adopt)
        #expect(judge(.owner, owner: nil, isServed: false) == .attach)
        #expect(judge(.owner, owner: nil, isRunning: false) == .stop)
        #expect(judge(.candidate, owner: nil) == .stop)
    }

    @Test func whenNobodyOwnsOneIsKept() {
        var successor = Leftover.Instance(name: "other", role: .owner, isServed: true, isRunning: true)
        #expect(judge(.standby, owner: nil, beside: successor) == .stop)
        successor.isRunning = false
        #expect(judge(.standby, owner: nil, beside: successor) == .adopt)
    }

    @Test func aProbationThatNobodyWatchesIsGivenBack() {
        #expect(Leftover.mustGoBack(CoreWord(owner: "it", inProbation: true, switchPending: false)))
        #expect(Leftover.isNothing(roles: [.owner]) && Leftover.isNothing(roles: []))
        #expect(!Leftover.isNothing(roles: [.owner, .candidate]) && !Leftover.isNothing(roles: [.standby]))
    }
}

/// Invariant 12, over every state in which an agent may find two containers: cut off behind any of its steps and done
/// again, tidying up ends as it does in one go, and done once more it changes nothing.
@Suite struct TidyingTwiceTests {
    struct Found: Equatable, CustomStringConvertible {
        var instances: [Leftover.Instance]
        var owner: String?

        var word: CoreWord { CoreWord(owner: owner, inProbation: false, switchPending: false) }
        var description: String {
            "\(instances.map { "\($0.name) \($0.role?.rawValue ?? "-") served \($0.isServed) runs \($0.isRunning ?? false)" }), owner \(owner ?? "-")"
        }

        /// One look at all of them, as the agent's; at most `steps` changes, then it dies.
        mutating func tidy(steps: inout Int) {
            let all = instances
            for one in all where steps > 0 {
                guard let index = instances.firstIndex(where: { $0.name == one.name }) else { continue }
                switch Leftover.judge(one, of: all, word) {
                case .keep: continue
                case .adopt: instances[index].role = .owner
                case .attach:
                    instances[index].isServed = true
                    steps -= 1
                    if steps > 0 { instances[index].role = .owner }
                case .stop:
                    #expect(Ending.mayStop(one.name, word), "\(self)")
                    instances.remove(at: index)
                }
                steps -= 1
            }
        }

        /// Looks until nothing changes.
        func settled() -> Found {
            var now = self
            for _ in 0..<4 {
                let before = now
                var steps = Int.max
                now.tidy(steps: &steps)
                if now == before { return now }
            }
            Issue.record("It does not settle: \(self)")
            return now
        }
    }

    private static var states: [Found] {
        let roles: [FlightRole?] = [.owner, .standby, .candidate, nil]
        var all: [Found] = []
        for (a, b) in roles.flatMap({ a in roles.map { (a, $0) } }) {
            for bits in 0..<16 {
                let instances = [
                    Leftover.Instance(name: "a", role: a, isServed: bits & 1 != 0, isRunning: bits & 2 != 0),
                    Leftover.Instance(name: "b", role: b, isServed: bits & 4 != 0, isRunning: bits & 8 != 0),
                ]
                all.append(Found(instances: instances, owner: nil))
                // Who owns is connected, and so runs.
                for one in instances where one.isServed && one.isRunning == true {
                    all.append(Found(instances: instances, owner: one.name))
                }
            }
        }
        return all
    }

    @Test func cutOffAndDoneAgainItEndsTheSame() {
        #expect(Self.states.count == 384)
        for state in Self.states {
            let once = state.settled()
            #expect(once.settled() == once, "\(state)")
            #expect(Leftover.isNothing(roles: once.instances.map(\.role)), "\(state) ends as \(once)")
            if let owner = state.owner { #expect(once.instances.map(\.name) == [owner], "\(state) ends as \(once)") }
            for cut in 1...4 {
                var half = state
                var steps = cut
                half.tidy(steps: &steps)
                #expect(half.settled() == once, "\(state) cut off behind \(cut) steps")
            }
        }
    }
}

/// Who is ended at the end of an update, from the core's word alone.
@Suite struct EndingTests {
    private func word(_ owner: String?, inProbation: Bool = false, switchPending: Bool = false) -> CoreWord {
        CoreWord(owner: owner, inProbation: inProbation, switchPending: switchPending)
    }

    @Test func whoOwnsStays() {
        #expect(Ending.old("old", word("old")) == .keep)
        #expect(Ending.old("old", word("new")) == .stop)
        #expect(Ending.candidate("new", word("new")) == .askRollback)
        #expect(Ending.candidate("new", word("old")) == .stop)
        #expect(Ending.mayStop("new", word("old")))
        #expect(!Ending.mayStop("new", word("new")))
    }

    /// A request that was not heard is made again before anything is stopped.
    @Test func whatTheCoreMayStillDoIsWaitedFor() {
        #expect(Ending.old("old", word("new", inProbation: true)) == .askCommit)
        #expect(Ending.candidate("new", word("old", switchPending: true)) == .askCancel)
    }

    @Test func aSilentCoreStopsNothing() {
        #expect(Ending.old("old", nil) == .wait)
        #expect(Ending.candidate("new", nil) == .wait)
        #expect(!Ending.mayStop("new", nil))
    }
}
