import CContract
import Contract
import FlightCore
import Testing

/// Losing an owner: way back to a warm standby, else hold, else failsafe.
@Suite struct WayBackTests {
    /// Runs until the owner is another than `owner`; the ticks it took, at most 20.
    private func lose(_ ticker: Ticker, _ each: (Ticker) -> Void) -> Int {
        let owner = ticker.arbiter.owner
        for round in 1...20 {
            each(ticker)
            ticker.serve()
            if ticker.arbiter.owner != owner { return round }
        }
        return 99
    }

    private func expectBack(_ ticker: Ticker, _ cause: SwitchCause) {
        #expect(ticker.arbiter.owner == 0 && ticker.arbiter.epoch == 103 && ticker.arbiter.cause == cause)
        #expect(ticker.arbiter.slots[0].grant == 103 && ticker.arbiter.slots[1].grant == 0)
        #expect(!ticker.arbiter.inProbation && ticker.arbiter.wayBackTick == ticker.tick)
    }

    @Test func onMissedDeadlines() {
        let ticker = Ticker.onProbation()
        #expect(lose(ticker) { $0.answer(0) } == 3, "miss_limit")
        expectBack(ticker, .missed)
    }

    @Test func onAClosedSocketAtOnce() {
        let ticker = Ticker.onProbation()
        ticker.arbiter.disconnect(1)
        #expect(lose(ticker) { $0.answer(0) } == 1)
        expectBack(ticker, .gone)
    }

    @Test func onACommandOutOfRangeAtOnce() {
        let ticker = Ticker.onProbation()
        let rounds = lose(ticker) {
            $0.answer(0)
            _ = $0.take($0.command(1, motors: [0.5, .nan, 0.5, 0.5]), from: 1)
        }
        #expect(rounds == 1)
        expectBack(ticker, .range)
    }

    @Test func onALeftEnvelopeAndOnRequest() {
        for cause in [SwitchCause.envelope, .requested] {
            let ticker = Ticker.onProbation()
            if cause == .envelope {
                ticker.arbiter.noteEnvelopeLeft(forLong: false)
            } else {
                #expect(ticker.requestWayBack())
            }
            let rounds = lose(ticker) {
                $0.answer(0)
                $0.answer(1)
            }
            #expect(rounds == 1)
            expectBack(ticker, cause)
        }
    }

    /// Nobody is behind it: the failsafe takes over, but only when the envelope is left for long.
    @Test func aCommittedOwnerThatLeavesTheEnvelopeFallsToTheFailsafe() {
        let ticker = Ticker.onProbation()
        #expect(ticker.commit())
        for isLong in [false, true] {
            #expect(ticker.arbiter.owner == 1 && !ticker.arbiter.isFailsafe)
            ticker.answer(1)
            ticker.serve()
            ticker.arbiter.noteEnvelopeLeft(forLong: isLong)
            ticker.pass()
        }
        #expect(
            ticker.arbiter.isFailsafe && ticker.arbiter.owner == Arbiter.nobody && ticker.arbiter.cause == .envelope)
    }

    /// Who got control back from one that threw the vehicle has two seconds to catch it.
    @Test func behindAWayBackTheEnvelopeIsForTheOldOwnerToMend() {
        let ticker = Ticker.onProbation()
        #expect(ticker.requestWayBack())
        _ = lose(ticker) {
            $0.answer(0)
            $0.answer(1)
        }
        let back = ticker.tick
        for _ in 0..<2000 where !ticker.arbiter.isFailsafe {
            ticker.answer(0)
            ticker.arbiter.noteEnvelopeLeft(forLong: true)
            ticker.serve()
        }
        let ticks = ticker.tick - back
        let grace = 2 * UInt64(testBoard().tick_rate)
        #expect((grace...grace + 3).contains(ticks), "\(ticks)")
    }

    /// A standby that did not answer the last sample would take over blind.
    @Test func notToAColdStandby() {
        let ticker = Ticker.onProbation()
        ticker.answer(1)
        ticker.serve()
        #expect(ticker.requestWayBack())
        for _ in 0..<3 {
            ticker.answer(1)
            #expect(ticker.serve() == .fresh)
            #expect(ticker.arbiter.owner == 1)
        }
        ticker.answer(0)
        ticker.answer(1)
        ticker.serve()
        expectBack(ticker, .requested)
    }

    @Test func notAfterTheCommit() {
        let ticker = Ticker.onProbation()
        #expect(ticker.commit() && !ticker.commit())
        #expect(!ticker.requestWayBack())
        #expect(ticker.arbiter.slots[0].role == .shadow)
        let rounds = lose(ticker) { $0.answer(0) }
        // It never answered as owner, so nothing of it serves as late: hold_ticks.
        #expect(rounds == 5 && ticker.arbiter.isFailsafe)
    }

    /// In the ticks in which a failure shows but has not yet cost it the motors, the standby is needed.
    @Test func noCommitWhileTheOwnerFails() {
        let signs: [(Ticker) -> Void] = [
            { ticker in
                ticker.answer(0)
                ticker.serve()
            },
            { $0.arbiter.noteEnvelopeLeft(forLong: false) },
            { ticker in _ = ticker.take(ticker.command(1, motors: Motors(repeating: .nan)), from: 1) },
            { $0.arbiter.disconnect(1) },
        ]
        for sign in signs {
            let ticker = Ticker.onProbation()
            sign(ticker)
            #expect(!ticker.commit() && ticker.arbiter.inProbation)
            _ = lose(ticker) { $0.answer(0) }
            #expect(ticker.arbiter.owner == 0 && !ticker.arbiter.isFailsafe)
        }
        // One miss that stays alone puts it off, no more.
        let ticker = Ticker.onProbation()
        ticker.answer(0)
        ticker.serve()
        #expect(!ticker.commit())
        ticker.answer(0)
        ticker.answer(1)
        ticker.serve()
        #expect(ticker.commit() && ticker.arbiter.owner == 1)
    }

    @Test func withoutStandbyItHoldsThenFailsafe() {
        for isGone in [false, true] {
            let ticker = Ticker.owned()
            ticker.answer(0)
            ticker.serve()
            if isGone { ticker.arbiter.disconnect(0) }
            var origins: [Arbiter.Origin?] = []
            for _ in 0..<(isGone ? 5 : 6) {
                #expect(!ticker.arbiter.isFailsafe)
                origins.append(ticker.serve())
            }
            // A closed connection's last command serves no more; its grant is gone.
            #expect(origins[0] == (isGone ? nil : .late))
            #expect(origins[1...].allSatisfy { $0 == nil })
            #expect(ticker.arbiter.isFailsafe && ticker.arbiter.owner == Arbiter.nobody)
            #expect(ticker.arbiter.epoch == 102, "the failsafe has an epoch of its own")
            #expect(ticker.arbiter.cause == (isGone ? .gone : .missed))
            #expect(ticker.arbiter.slots[0].grant == 0)
            ticker.arbiter.endFailsafe()
            #expect(!ticker.arbiter.isFailsafe)
        }
    }

    @Test func onTheGroundAClosedSocketEndsOwnershipAtOnce() {
        let ticker = Ticker.owned()
        ticker.airborne = false
        ticker.arbiter.disconnect(0)
        ticker.serve()
        #expect(ticker.arbiter.owner == Arbiter.nobody && !ticker.arbiter.isFailsafe)
    }

    @Test func atRestSilenceIsOnlyNoted() {
        let ticker = Ticker.owned()
        ticker.airborne = false
        for _ in 0..<100 {
            ticker.arbiter.rest(ticker.tick)
            ticker.pass()
        }
        #expect(ticker.arbiter.owner == 0 && !ticker.arbiter.ownerAnswers && ticker.arbiter.missRun == 100)
        ticker.answer(0)
        ticker.arbiter.rest(ticker.tick)
        #expect(ticker.arbiter.ownerAnswers)
    }

    @Test func withoutEpochsTheFailsafeFliesAllTheSame() {
        let ticker = Ticker.owned(reserved: 101)
        for _ in 0..<10 { ticker.serve() }
        #expect(ticker.arbiter.isFailsafe && ticker.arbiter.epoch == 0)
    }
}
