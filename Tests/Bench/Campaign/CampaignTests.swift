import Bench
import Testing

/// Virtual flights in which things go wrong. A few here: the real-time tests run beside them. `Board/bench test` flies a
/// thousand in a step of its own, `Board/bench campaign` as many as asked for.
@Suite struct CampaignTests {
    private static let flights = 80

    @Test func everyFlightEndsInItsClass() async {
        let report = await Campaign.fly(seed: 1, flights: Self.flights, cores: 1)
        #expect(report.flights == Self.flights)
        #expect(report.failed == 0, "\(report.text(taken: 1, cores: 1))")
        #expect(report.struck > Self.flights)
    }

    /// Of every kind one flight at least is struck.
    @Test(arguments: FaultKind.allCases) func noKindIsDrawnInVain(kind: FaultKind) async {
        let report = await Campaign.fly(seed: 100, flights: 3, cores: 1, faults: 2, only: kind)
        #expect(report.failed == 0, "\(report.text(taken: 1, cores: 1))")
        #expect(report.struck(kind) > 0)
    }

    /// What the faults are held against.
    @Test func withoutFaultsEveryUpdateSucceeds() async {
        let report = await Campaign.fly(seed: 5000, flights: 10, cores: 1, faults: 0)
        #expect(report.failed == 0 && report.struck == 0)
        #expect(report.count(.flewOn) == 10)
        #expect(report.count(outcome: "updated") == 10)
    }

    /// To the bit: what the motor chip was told, and when.
    @Test(arguments: UInt64(1)...4) func theSeedReplaysTheFlight(seed: UInt64) {
        let first = CampaignResult.fly(CampaignPlan(seed: seed))
        let second = CampaignResult.fly(CampaignPlan(seed: seed))
        #expect(first.print == second.print)
        #expect(first.story == second.story)
        #expect(CampaignResult.fly(CampaignPlan(seed: seed + 1000)).print != first.print)
    }

    /// What has no remedy does end flights, and is told apart.
    @Test func whatHasNoRemedyIsNoSurvival() async {
        let report = await Campaign.fly(seed: 1, flights: 15, cores: 1, faults: 1, only: .imuDead)
        #expect(report.failed == 0)
        #expect(report.count(.flewOn) + report.count(.landed) < 5)
        #expect(report.countWithoutRemedy > 8)
    }
}
