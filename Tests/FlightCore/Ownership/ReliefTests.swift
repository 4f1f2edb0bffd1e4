import CContract
import Contract
import FlightCore
import Testing

/// A container relieves the failsafe.
@Suite struct ReliefTests {
    /// The owner is gone without a standby; the failsafe flies.
    private func forsaken() -> Ticker {
        let ticker = Ticker.owned()
        ticker.arbiter.disconnect(0)
        for _ in 0..<40 where !ticker.arbiter.isFailsafe { ticker.serve() }
        return ticker
    }

    @Test func onceItHasFollowedTheFlight() {
        let ticker = forsaken()
        let epoch = ticker.arbiter.epoch
        #expect(ticker.arbiter.isFailsafe && ticker.arbiter.owner == Arbiter.nobody)
        ticker.connect(1)
        #expect(ticker.requestRelief(by: 1, until: ticker.tick + 100))
        var rounds = 0
        while ticker.arbiter.owner != 1, rounds < 50 {
            #expect(ticker.arbiter.isFailsafe)
            ticker.answer(1)
            ticker.serve()
            rounds += 1
        }
        #expect(rounds == 11, "settle_ticks behind its first answer")
        #expect(ticker.arbiter.epoch == epoch + 1 && ticker.arbiter.slots[1].grant == epoch + 1)
        #expect(!ticker.arbiter.isFailsafe && !ticker.arbiter.inProbation && !ticker.arbiter.switchPending)
        #expect(ticker.answer(1) == .fresh && ticker.serve() == .fresh)
    }

    @Test func notIfItIsSilentOutOfRangeOrUnsettled() {
        for flaw in 0..<3 {
            let ticker = forsaken()
            ticker.connect(1)
            #expect(ticker.requestRelief(by: 1, until: ticker.tick + 30))
            for round in 0..<60 {
                var command = ticker.command(1)
                if flaw == 0, round % 5 == 0 { command.tick = 0 }
                if flaw == 1 { command.flags = 0 }
                if flaw == 2 { command.motor.0 = .nan }
                _ = ticker.take(command, from: 1)
                ticker.serve()
            }
            #expect(ticker.arbiter.owner == Arbiter.nobody && ticker.arbiter.isFailsafe)
            #expect(!ticker.arbiter.switchPending, "the wish has expired")
        }
    }

    @Test func onlyTheFailsafeIsRelieved() {
        let ticker = Ticker.owned()
        ticker.connect(1)
        #expect(!ticker.requestRelief(by: 1, until: 1000))
        let other = forsaken()
        #expect(!other.requestRelief(by: 1, until: 1000), "nobody is connected there")
    }

    @Test func aLandingEndsTheWish() {
        let ticker = forsaken()
        ticker.connect(1)
        #expect(ticker.requestRelief(by: 1, until: ticker.tick + 100))
        ticker.arbiter.endFailsafe()
        #expect(!ticker.arbiter.switchPending)
        for _ in 0..<40 {
            ticker.answer(1)
            ticker.serve()
        }
        #expect(ticker.arbiter.owner == Arbiter.nobody)
    }
}
