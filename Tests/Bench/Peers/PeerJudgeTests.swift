import Bench
import CContract
import FlightCore
import Simulator
import Testing

/// Flights on paper: "a" drives, then "b"; what lies between is what is measured.
@Suite struct PeerJudgeTests {
    private static let period = SyntheticFlight.period
    private static let truth = World(parameters: WorldParameters(board: BenchBoard.make()), seed: 1).truth

    private var flight = SyntheticFlight(ticks: 400)

    private func outcome(crashAt crash: UInt64? = nil) -> PeerOutcome {
        let window = flight.window
        let truth = stride(from: window.lowerBound, through: window.upperBound, by: Int(Self.period)).map { time in
            var truth = Self.truth
            truth.time = time
            truth.position.z = -5
            if let crash, time >= crash { truth.crash = .speed(5) }
            return TruthRecord(truth)
        }
        var outcome = PeerOutcome(.stopThenStart, .plain)
        PeerJudge.judge(
            PeerJudge.Evidence(
                motors: flight.motorLog, truth: truth, stalls: flight.stalls, logs: flight.logs,
                encoding: SyntheticFlight.encoding, period: Self.period, climb: { _ in 0 }, judged: window),
            into: &outcome)
        return outcome
    }

    /// "a" ends `before` ticks before the switch, "b" begins `behind` it.
    private mutating func tear(before: UInt64, behind: UInt64) {
        let silent = flight.switchTick - before..<flight.switchTick + behind
        flight.logs["a"]?.removeAll { $0.tick >= silent.lowerBound }
        flight.logs["b"]?.removeAll { $0.tick < silent.upperBound }
        for tick in silent { flight.writes[tick] = [] }
    }

    @Test func aSwitchBetweenTwoTicksHasNoGap() {
        let outcome = outcome()
        #expect(outcome.gapTicks == 0)
        #expect(outcome.ticksWithBoth == 0)
        #expect(outcome.cameBack)
    }

    @Test mutating func whatNobodyDrivesIsAGap() {
        tear(before: 20, behind: 30)
        let outcome = outcome()
        #expect(outcome.gapTicks == 50)
        #expect(outcome.cameBack)
        #expect(outcome.stalledTicks == 0)
    }

    /// A core that writes the last values again drives no more than one that writes nothing. The first of them is still
    /// the command for the sample before.
    @Test mutating func heldValuesAreAGap() {
        tear(before: 20, behind: 30)
        let last = flight.switchTick - 21
        for tick in flight.switchTick - 20..<flight.switchTick + 30 {
            flight.writes[tick] = [SyntheticFlight.write("a", last, endingIn: tick)]
        }
        #expect(outcome().gapTicks == 49)
    }

    /// The tick in the stall's wake is excused too; the two behind it are not.
    @Test mutating func aStallOfTheMachineIsCountedApart() {
        tear(before: 1, behind: 4)
        let begin = SyntheticFlight.time(flight.switchTick - 1)
        flight.stalls = [StallRecord(start: begin, end: begin + 2 * Self.period, cpu: 0)]
        let outcome = outcome()
        #expect(outcome.stalledTicks == 3)
        #expect(outcome.gapTicks == 2)
    }

    @Test mutating func ticksOfTwoDriversAreCounted() {
        for tick in flight.switchTick - 5..<flight.switchTick + 5 {
            flight.writes[tick] = [
                SyntheticFlight.write("a", tick), SyntheticFlight.write("b", tick, after: 1_500_000),
            ]
        }
        let outcome = outcome()
        #expect(outcome.ticksWithBoth == 10)
        #expect(outcome.gapTicks == 0)
    }

    @Test mutating func whoNeverComesBackLeavesAGapToTheGround() {
        tear(before: 20, behind: 200)
        let outcome = outcome(crashAt: SyntheticFlight.time(flight.switchTick + 100))
        #expect(!outcome.cameBack)
        #expect(outcome.end == .fell)
        #expect((118...120).contains(outcome.gapTicks))
    }
}
