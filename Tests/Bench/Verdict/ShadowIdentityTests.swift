import Bench
import CContract
import Testing

/// The same image on the same state commands the same bits; where it does not the verdict fails.
@Suite struct ShadowIdentityTests {
    private typealias Flight = SyntheticFlight

    /// 1000 ticks; the shadow "b" says what "a" says up to the switch in the middle.
    private var alike: SyntheticFlight {
        var flight = SyntheticFlight(ticks: 1000)
        for index in 0..<500 { flight.logs["b"]?[index].motor = Flight.motors("a", Flight.first + UInt64(index)) }
        flight.sameImage = [
            FlightJudge.SameImage(old: "a", new: "b", shadowBegan: Flight.time(Flight.first + 100))
        ]
        return flight
    }

    @Test func ticksBetweenFirstCutAndSwitchAreCompared() {
        let report = alike.report
        #expect(report.sameTicksCompared == 400 && report.sameTicksUnequal == 0 && report.sameGaps == 0)
        #expect(report.verdict == .holds, "\(report.reasons)")
    }

    @Test func oneBitFails() {
        var flight = alike
        flight.logs["b"]?[300].motor.2 += 1e-7
        #expect(flight.report.sameTicksUnequal == 1)
        #expect(flight.report.verdict == .fails)
        #expect(flight.report.reasons.first?.contains("first in tick 1300") == true)
        // Not a number that equals, but bits: minus zero is another command than zero.
        flight = alike
        flight.logs["a"]?[300].motor.0 = 0
        flight.logs["b"]?[300].motor.0 = -0.0
        #expect(flight.report.sameTicksUnequal == 1)
    }

    @Test func beforeTheFirstCutNothingIsCompared() {
        var flight = alike
        flight.logs["b"]?[99].motor.0 += 0.1
        #expect(flight.report.sameTicksUnequal == 0)
        flight.logs["b"]?[100].motor.0 += 0.1
        #expect(flight.report.sameTicksUnequal == 1)
    }

    @Test(arguments: ["a", "b"])
    func behindAMissedSampleTheNextCutIsWaitedFor(who: String) {
        var flight = alike
        flight.logs[who]?.remove(at: 200)
        // Out of step until a cut comes, for 125 ticks at most.
        flight.logs["b"]?[210].motor.0 += 0.1
        let report = flight.report
        #expect(report.sameGaps == 1 && report.sameTicksUnequal == 0)
        #expect((274...275).contains(report.sameTicksCompared), "\(report.sameTicksCompared)")
        flight.logs["b"]?[400].motor.0 += 0.1
        #expect(flight.report.sameTicksUnequal == 1)
    }

    @Test func neverInStepFails() {
        var flight = alike
        flight.sameImage[0].shadowBegan = Flight.time(flight.switchTick)
        #expect(flight.report.sameTicksCompared == 0)
        #expect(flight.report.verdict == .fails)
    }
}
