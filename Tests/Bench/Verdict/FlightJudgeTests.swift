import Bench
import FlightCore
import Simulator
import Testing

/// What the machine's stalls excuse, and what they do not.
@Suite struct FlightJudgeTests {
    private typealias Flight = SyntheticFlight

    /// A stall from `from` to `to` ticks behind `tick`'s beginning, in tenths of a tick.
    private func stall(_ tick: UInt64, _ from: UInt64, _ to: UInt64) -> StallRecord {
        let tenth = Flight.period / 10
        return StallRecord(start: Flight.time(tick) + from * tenth, end: Flight.time(tick) + to * tenth, cpu: 0)
    }

    @Test func aFlightWithoutFaultHolds() {
        let report = SyntheticFlight().report
        #expect(report.ticks == 100)
        #expect(report.verdict == .holds)
        #expect(report.reasons == [] && report.oddities == [])
    }

    @Test func oneTickOfAnyFaultFails() {
        let spoil: [(inout SyntheticFlight) -> Void] = [
            { $0.writes[1020] = [] },
            { $0.writes[1020]?.append(Flight.write("a", 1020, after: 1_500_000)) },
            {
                for tick in 1020...1021 as ClosedRange<UInt64> {
                    $0.writes[tick] = [Flight.write("a", 1019, endingIn: tick)]
                }
            },
            { $0.writes[1020] = [Flight.write("b", 1020)] },
            { $0.writes[1070] = [Flight.write("a", 1040, endingIn: 1070)] },
            { $0.writes[1020]?[0].off[3] += 1 },
            { $0.writes[1020]?[0].flags = [.outputsEnabled] },
            { $0.logs = [:] },
        ]
        for (number, spoil) in spoil.enumerated() {
            var flight = SyntheticFlight()
            spoil(&flight)
            #expect(flight.report.verdict == .fails, "fault \(number)")
            #expect(!flight.report.reasons.isEmpty, "fault \(number)")
        }
    }

    @Test func stallExcusesTheTicksThatItOverlaps() {
        var flight = SyntheticFlight()
        for tick in [1019, 1020, 1021, 1030] as [UInt64] { flight.writes[tick] = [] }
        // Touches the end of 1019, and covers the rest of it up to the middle of 1021.
        flight.stalls = [stall(1020, 0, 15)]
        #expect(flight.report.missed == 2 && flight.report.missedByStall == 2)
        #expect(flight.report.oddities.count == 2)
        #expect(flight.report.oddities.first?.hasPrefix("tick 1019 ") == true)
        #expect(flight.report.oddities.last?.hasPrefix("tick 1030 ") == true)
    }

    @Test func stallThatEndsAtTheTicksBeginningExcusesNothing() {
        var flight = SyntheticFlight()
        flight.writes[1020] = []
        flight.stalls = [stall(1019, 5, 10), stall(1021, 0, 5)]
        #expect(flight.report.missed == 1 && flight.report.missedByStall == 0)
    }

    /// The tick behind is excused if the stalled one's write was still under way when it began, and only then.
    @Test func wakeOfAStall() {
        var flight = SyntheticFlight()
        flight.stalls = [stall(1020, 2, 8)]
        flight.writes[1020] = [Flight.write("a", 1020, after: Flight.period + 100_000)]
        flight.writes[1021] = [Flight.write("a", 1021, after: Flight.period + 50_000)]
        flight.writes[1022] = [Flight.write("a", 1022, after: Flight.period + 10_000)]
        #expect(flight.report.lateByStall == 2)
        #expect(flight.report.lateNoUpdate == 1, "the wake is one tick long")

        flight.writes[1020] = [Flight.write("a", 1020)]
        #expect(flight.report.lateByStall == 0 && flight.report.lateNoUpdate == 2)
    }

    @Test func stallExcusesNoWrongValues() {
        var flight = SyntheticFlight()
        flight.stalls = [stall(1000, 0, 1000)]
        flight.writes[1020] = [Flight.write("b", 1020)]
        flight.writes[1070] = [Flight.write("a", 1040, endingIn: 1070)]
        flight.writes[1030]?[0].off[0] += 1
        flight.writes[1035]?.append(Flight.write("a", 1035, after: 1_500_000))
        let report = flight.report
        #expect(report.twoOwner == 1 && report.staleApplied == 1 && report.failsafe == 1 && report.doubled == 1)
        #expect(report.verdict == .fails)
    }

    @Test func moreThanOneInAThousandExcusedIsInconclusive() {
        var flight = SyntheticFlight(ticks: 2000)
        func excuse(_ tick: UInt64) {
            flight.writes[tick] = []
            flight.stalls.append(stall(tick, 1, 9))
        }
        excuse(1100)
        excuse(1200)
        #expect(flight.report.missedByStall == 2)
        #expect(flight.report.verdict == .holds, "0.1 % of 2000 ticks")
        excuse(1300)
        #expect(flight.report.missedByStall == 3)
        #expect(flight.report.verdict == .inconclusive)
        #expect(flight.report.junit.xml.contains("failures=\"0\" errors=\"1\""))
        flight.writes[1400] = []
        #expect(flight.report.verdict == .fails, "what is not excused fails all the same")
        #expect(flight.report.junit.xml.contains("<failure message=\"1 ticks without a complete motor write."))
    }

    @Test func aCoreThatIsAlwaysATickBehindFails() {
        var flight = SyntheticFlight()
        for tick in 1001..<1100 as Range<UInt64> {
            let owner = tick - 1 < flight.switchTick ? "a" : "b"
            flight.writes[tick] = [Flight.write(owner, tick - 1, endingIn: tick)]
        }
        #expect(flight.report.lateNoUpdate > 90)
        #expect(flight.report.verdict == .fails)
    }

    @Test func aFlightThatNobodyLoggedFails() {
        var flight = SyntheticFlight()
        flight.logs = ["a": [], "b": []]
        #expect(flight.report.ticks == 0)
        #expect(flight.report.verdict == .fails)
    }
}
