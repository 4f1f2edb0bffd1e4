import CContract
import Contract
import FlightCore
import Testing

/// The switch: at a boundary, to one that is in step, or not at all.
@Suite struct SwitchTests {
    @Test func itComesExactlyWhenSettled() {
        let ticker = Ticker.owned(settle: 10)
        ticker.connect(1)
        #expect(ticker.requestSwitch(to: 1, until: ticker.tick + 100))
        #expect(ticker.arbiter.switchPending)
        let first = ticker.tick
        for _ in 0..<10 {
            ticker.answer(0)
            ticker.answer(1, state: first)
            ticker.serve()
            #expect(ticker.arbiter.owner == 0)
        }
        ticker.answer(0)
        ticker.answer(1, state: first)
        ticker.serve()
        // It has answered from `first` on for ten ticks: the boundary behind first + 10.
        #expect(ticker.arbiter.owner == 1 && ticker.arbiter.switchTick == first + 11)
        #expect(
            ticker.arbiter.epoch == 102 && ticker.arbiter.slots[1].grant == 102 && ticker.arbiter.slots[0].grant == 0)
        #expect(ticker.arbiter.standby == 0 && ticker.arbiter.slots[0].role == .standby)
        #expect(ticker.arbiter.inProbation && !ticker.arbiter.switchPending && ticker.arbiter.cause == .requested)
        #expect(ticker.answer(1) == .fresh)
        #expect(ticker.answer(0) == .compared)
    }

    /// One missed answer begins the run anew.
    @Test func aGapBeginsAnew() {
        let ticker = Ticker.owned(settle: 5)
        ticker.connect(1)
        _ = ticker.requestSwitch(to: 1, until: ticker.tick + 100)
        for _ in 0..<4 {
            ticker.answer(0)
            ticker.answer(1, state: ticker.tick)
            ticker.serve()
        }
        ticker.answer(0)
        ticker.serve()
        let again = ticker.tick
        for _ in 0..<20 where ticker.arbiter.owner == 0 {
            ticker.answer(0)
            ticker.answer(1, state: again)
            ticker.serve()
        }
        #expect(ticker.arbiter.switchTick == again + 6)
    }

    /// Answers before the cut's own tick are missing: the state has a hole.
    @Test func aCutFromBeforeItsAnswersIsNotInStep() {
        let ticker = Ticker.owned(settle: 5)
        let cut = ticker.tick
        for _ in 0..<3 {
            ticker.answer(0)
            ticker.serve()
        }
        ticker.connect(1)
        _ = ticker.requestSwitch(to: 1, until: ticker.tick + 20)
        for _ in 0..<30 {
            ticker.answer(0)
            ticker.answer(1, state: cut)
            ticker.serve()
        }
        #expect(ticker.arbiter.owner == 0 && ticker.arbiter.cause == .expired && !ticker.arbiter.switchPending)
    }

    /// Also when its first answers are to samples of long ago.
    @Test func oldAnswersDoNotStretchTheRun() {
        let ticker = Ticker.owned(settle: 2)
        for _ in 0..<5 {
            ticker.answer(0)
            ticker.serve()
        }
        ticker.connect(1)
        _ = ticker.requestSwitch(to: 1, until: ticker.tick + 20)
        for back in [UInt64(2), 1] {
            _ = ticker.take(ticker.command(1, tick: ticker.tick - back, state: 1), from: 1)
        }
        for _ in 0..<30 {
            ticker.answer(0)
            ticker.answer(1, state: 1)
            ticker.serve()
        }
        #expect(ticker.arbiter.owner == 0 && ticker.arbiter.cause == .expired)
    }

    @Test func withoutACutOrUnsettledItExpires() {
        for settled in [false, true] {
            let ticker = Ticker.owned(settle: 2)
            ticker.connect(1)
            let until = ticker.tick + 15
            _ = ticker.requestSwitch(to: 1, until: until)
            for _ in 0..<30 {
                ticker.answer(0)
                var command = ticker.command(1, state: settled ? 0 : 1)
                if !settled { command.flags = 0 }
                _ = ticker.take(command, from: 1)
                ticker.serve()
                #expect(ticker.arbiter.switchPending == (ticker.tick <= until))
            }
            #expect(ticker.arbiter.owner == 0 && ticker.arbiter.epoch == 101 && ticker.arbiter.cause == .expired)
        }
    }

    @Test func skippedTicksDoNotBreakTheStep() {
        let ticker = Ticker.owned(settle: 10)
        ticker.connect(1)
        let cut = ticker.tick
        _ = ticker.requestSwitch(to: 1, until: cut + 200)
        for round in 0..<11 where ticker.arbiter.owner == 0 {
            ticker.answer(0)
            ticker.answer(1, state: cut)
            #expect(ticker.serve(skipping: round == 3 ? 7 : 0) == .fresh)
        }
        #expect(ticker.arbiter.owner == 1)
        #expect(ticker.arbiter.slots[1].runSince == cut)
    }

    @Test func theFormerOwnersLateCommandNeverServes() {
        let ticker = Ticker.owned(settle: 2)
        ticker.connect(1)
        let cut = ticker.tick
        _ = ticker.requestSwitch(to: 1, until: cut + 100)
        var last = ticker.command(0)
        for _ in 0..<3 {
            ticker.answer(1, state: cut)
            last = ticker.command(0)
            ticker.serve()
        }
        #expect(ticker.arbiter.owner == 1)
        #expect(ticker.take(last, from: 0) == .stale, "of the tick before, with the epoch of before")
        // Nor does the new owner's own from before its time.
        #expect(ticker.serve() == nil)
        #expect(ticker.arbiter.staleRefused == 1)
    }

    @Test func aSwitchIsRefused() {
        let ticker = Ticker(reserved: 104)
        #expect(!ticker.requestSwitch(to: 1, until: 100), "nobody owns")
        ticker.connect(0)
        #expect(ticker.grant(0) && !ticker.grant(0))
        #expect(!ticker.requestSwitch(to: 0, until: 100), "it owns already")
        #expect(!ticker.requestSwitch(to: 1, until: 100), "not connected")
        ticker.connect(1)
        #expect(ticker.requestSwitch(to: 1, until: 100))
        ticker.arbiter.cancelSwitch()
        #expect(!ticker.arbiter.switchPending)
        let poor = Ticker(reserved: 103)
        poor.connect(0)
        poor.connect(1)
        #expect(poor.grant(0) && poor.arbiter.epochsLeft == 2)
        #expect(!poor.requestSwitch(to: 1, until: 100), "switch, way back and failsafe need three epochs")
        poor.arbiter.extendReserve(to: 120)
        #expect(poor.requestSwitch(to: 1, until: 100))
        let probation = Ticker.onProbation()
        probation.connect(2)
        #expect(!probation.requestSwitch(to: 2, until: 1000))
    }

    @Test func aCandidateThatGoesIsForgotten() {
        let ticker = Ticker.owned()
        ticker.connect(1)
        _ = ticker.requestSwitch(to: 1, until: ticker.tick + 100)
        ticker.arbiter.disconnect(1)
        #expect(!ticker.arbiter.switchPending && ticker.arbiter.owner == 0)
    }

    /// The owner's socket closes in the tick at whose end the candidate takes over.
    @Test func anOwnerThatGoesAtTheSwitchIsNoStandby() {
        let ticker = Ticker.owned(settle: 2)
        ticker.connect(1)
        let cut = ticker.tick
        _ = ticker.requestSwitch(to: 1, until: cut + 100)
        for round in 0..<3 {
            ticker.answer(0)
            ticker.answer(1, state: cut)
            if round == 2 { ticker.arbiter.disconnect(0) }
            ticker.serve()
        }
        #expect(ticker.arbiter.owner == 1 && !ticker.arbiter.inProbation)
        #expect(ticker.arbiter.slots[0].role == .listening)
    }
}
