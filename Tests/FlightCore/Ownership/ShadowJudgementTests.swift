import Contract
import FlightCore
import Shadow
import Testing

/// What a shadow is judged by: its commands since it stands on a cut, and none before.
@Suite struct ShadowJudgementTests {
    /// Two seconds of another state, then the owner's very commands. `isLate`: in the first tick on the cut the owner does not
    /// answer in time, as on a machine that stalls there.
    private func judged(isLate: Bool) -> Divergence {
        let ticker = Ticker.owned()
        ticker.connect(1)
        func motors(_ tick: UInt64) -> Motors {
            let phase = tick % 100 < 50 ? Float(0.1) : -0.1
            return [0.5 + phase, 0.5 + phase, 0.5 + phase, 0.5 + phase]
        }
        func answer(state: UInt64, owner: Bool = true, shadow: Motors) {
            if owner { _ = ticker.take(ticker.command(0, motors: motors(ticker.tick)), from: 0) }
            _ = ticker.take(ticker.command(1, state: state, motors: shadow), from: 1)
            ticker.serve()
        }
        for _ in 0..<1000 { answer(state: 0, shadow: Motors(repeating: 0.95)) }
        let cut = ticker.tick
        answer(state: cut, owner: !isLate, shadow: motors(ticker.tick))
        for _ in 0..<500 { answer(state: cut, shadow: motors(ticker.tick)) }
        return ticker.arbiter.slots[1].divergence
    }

    @Test(arguments: [false, true]) func onlyWhatItSaysOnACutCounts(isLate: Bool) {
        let divergence = judged(isLate: isLate)
        #expect(divergence.command == 0 && divergence.angular == 0)
        // Thrust moved, and the same commands have the same effect.
        #expect(divergence.gains.isExcited(3) && divergence.gains.gain[3] == 1, "\(divergence.gains.gain[3])")
    }

    /// A missed answer begins the judgement anew, as it does the run in step.
    @Test func aGapBeginsAnew() {
        let ticker = Ticker.owned()
        ticker.connect(1)
        let cut = ticker.tick
        for _ in 0..<300 {
            ticker.answer(0)
            ticker.answer(1, state: cut)
            ticker.serve()
        }
        #expect(ticker.arbiter.slots[1].divergence.command > 0.05)
        ticker.answer(0)
        ticker.serve()
        for _ in 0..<3 {
            ticker.answer(0)
            _ = ticker.take(ticker.command(1, state: cut, motors: Motors(repeating: 0.1)), from: 1)
            ticker.serve()
        }
        #expect(ticker.arbiter.slots[1].divergence.command == 0)
    }
}
