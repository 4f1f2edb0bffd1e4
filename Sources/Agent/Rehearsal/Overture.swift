package import CContract
internal import CPlatform
package import Contract
package import Rehearsal

/// All that a container needs to stand where the owner stands now, and to fly on from there in the model.
package struct Overture: Sendable {
    /// What the core sent, tick by tick, up to the start's.
    package var samples: [da_sample]
    /// The owner's state at one of these ticks.
    package var cut: StateCut
    package var start: RehearsalStart

    package init(samples: [da_sample], cut: StateCut, start: RehearsalStart) {
        self.samples = samples
        self.cut = cut
        self.start = start
    }

    /// ns between two samples while the cut is on its way from the queue to the container's control thread.
    private static let pause: UInt64 = 5_000_000

    /// Lets the container on `stage` watch, take over the state, and fly. Blocks; takes as long as the container does.
    ///
    /// - Parameters:
    ///   - stage: where the container is connected.
    ///   - sendCut: puts the cut into the container's queue.
    /// - Returns: how the flight ended.
    /// - Throws: `Fault` when it does not answer as a container should.
    package func fly(on stage: RehearsalStage, sendCut: (StateCut) -> Void) throws(Fault) -> RehearsalVerdict {
        let period = UInt64(1_000_000_000 / max(1, start.tickRate))
        var standsOnCut = false
        for sample in samples {
            let command = try stage.answer(sample, period: period)
            standsOnCut = command.state_tick == cut.tick
            if sample.tick == cut.tick { sendCut(cut) }
            if sample.tick >= cut.tick, !standsOnCut { da_sleep_until(da_now() &+ Self.pause) }
        }
        guard standsOnCut else {
            throw Fault(
                "The new version failed its rehearsal: it did not take over the state of the running one, which flies on."
            )
        }
        var flight = RehearsalFlight(start)
        for _ in 0..<flight.ticks where flight.verdict == nil {
            flight.take(try stage.answer(flight.next(), period: period))
        }
        return flight.verdict ?? RehearsalVerdict(fault: "it did not end", figures: [])
    }
}
