import CContract
import Contract
import FlightCore
import Testing

/// Only (connection, epoch granted to it, sample answered) is applied; what else comes is refused and counted.
@Suite struct CommandTests {
    @Test func theOwnersAnswerIsApplied() {
        let ticker = Ticker.owned()
        #expect(ticker.arbiter.epoch == 101 && ticker.arbiter.slots[0].grant == 101)
        #expect(ticker.answer(0) == .fresh)
        #expect(ticker.serve() == .fresh)
        #expect(ticker.served?.motors[0] == 0.1)
    }

    @Test func ofAnotherEpoch() {
        let ticker = Ticker.owned()
        ticker.connect(1)
        #expect(ticker.take(ticker.command(1, epoch: 101), from: 1) == .stale, "echoing a number buys nothing")
        #expect(ticker.take(ticker.command(0, epoch: 100), from: 0) == .stale)
        #expect(ticker.take(ticker.command(0, epoch: 102), from: 0) == .stale)
        #expect(ticker.arbiter.staleRefused == 3)
        #expect(ticker.arbiter.slots[0].refused == 2 && ticker.arbiter.slots[1].refused == 1)
        #expect(ticker.serve() == nil)
    }

    @Test func thatClaimsNothing() {
        let ticker = Ticker.owned()
        ticker.connect(1)
        #expect(ticker.take(ticker.command(0, epoch: 0), from: 0) == .compared)
        #expect(ticker.answer(1) == .compared)
        #expect(!ticker.arbiter.hasFresh(ticker.tick))
        #expect(ticker.serve() == nil)
        // Nor does it serve as the late one.
        #expect(ticker.serve() == nil)
    }

    @Test func ofNoPresentSample() {
        let ticker = Ticker.owned()
        ticker.answer(0)
        ticker.serve()
        let refused = ticker.arbiter.slots[0].refused
        #expect(ticker.take(ticker.command(0, tick: ticker.tick + 1), from: 0) == .refused, "of the future")
        #expect(ticker.take(ticker.command(0, tick: .max), from: 0) == .refused)
        #expect(ticker.take(ticker.command(0, tick: ticker.tick - 1), from: 0) == .refused, "answered already")
        #expect(ticker.answer(0) == .fresh)
        #expect(ticker.answer(0) == .refused, "doubled")
        var other = ticker.command(0)
        ticker.serve()
        other.tick = ticker.tick
        #expect(ticker.take(other, from: 0) == .refused, "of another sample's time")
        #expect(ticker.arbiter.slots[0].refused == refused + 5)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, -0.001, 1.001, -.greatestFiniteMagnitude])
    func outOfRange(value: Float) {
        for motor in 0..<4 {
            let ticker = Ticker.owned()
            var motors = Motors(repeating: 0.5)
            motors[motor] = value
            #expect(ticker.take(ticker.command(0, motors: motors), from: 0) == .refused)
            #expect(ticker.serve() == nil)
            #expect(ticker.arbiter.slots[0].refused == 1)
        }
        let ticker = Ticker.owned()
        var command = ticker.command(0)
        command.free.2 = value
        let fate = ticker.take(command, from: 0)
        #expect(fate == (value.isFinite ? .fresh : .refused), "the free command is compared only, but must be finite")
    }

    @Test func lateServesOnceAndIsCounted() {
        let ticker = Ticker.owned()
        let missed = ticker.command(0)
        #expect(ticker.serve() == nil)
        #expect(ticker.take(missed, from: 0) == .late)
        #expect(ticker.arbiter.slots[0].late == 1)
        #expect(ticker.serve() == .late)
        #expect(ticker.serve() == nil)
    }

    @Test func aNewConnectionInheritsNothing() {
        let ticker = Ticker.owned()
        ticker.answer(0)
        ticker.serve()
        ticker.arbiter.disconnect(0)
        ticker.arbiter.connect(0, pid: 2)
        #expect(ticker.take(ticker.command(0, epoch: 101), from: 0) == .stale)
        #expect(ticker.take(ticker.command(0, epoch: 0), from: 0) == .compared)
        #expect(ticker.serve() == nil)
        #expect(ticker.serve() == nil)
    }

    @Test func aFrameThatIsNoneIsCounted() {
        let ticker = Ticker.owned()
        #expect(ticker.refuse(0) == .refused)
        #expect(ticker.arbiter.slots[0].refused == 1)
        ticker.arbiter.countDropped(0)
        #expect(ticker.arbiter.slots[0].dropped == 1)
    }
}
