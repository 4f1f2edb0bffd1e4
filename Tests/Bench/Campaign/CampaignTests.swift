import Bench
import Testing

/// Virtual flights in which things go wrong; `Board/bench campaign` flies more of them.
@Suite struct CampaignTests {
    private static let flights = 1000

    @Test func everyFlightEndsInItsClass() async {
        let start = ContinuousClock.now
        let report = await Campaign.fly(seed: 1, flights: Self.flights, cores: 2)
        print(report.text(taken: (ContinuousClock.now - start) / .seconds(1), cores: 2))
        #expect(report.flights == Self.flights)
        #expect(report.failed == 0)
        #expect(report.struck > Self.flights)
        // No kind is drawn in vain.
        for kind in FaultKind.allCases { #expect(report.struck(kind) > 10, "\(kind)") }
    }

    /// What the faults are held against.
    @Test func withoutFaultsEveryUpdateSucceeds() async {
        let report = await Campaign.fly(seed: 5000, flights: 40, cores: 2, faults: 0)
        #expect(report.failed == 0 && report.struck == 0)
        #expect(report.count(.flewOn) == 40)
        #expect(report.count(outcome: "updated") == 40)
    }

    /// To the bit: what the motor chip was told, and when.
    @Test(arguments: UInt64(1)...20) func theSeedReplaysTheFlight(seed: UInt64) {
        let first = CampaignResult.fly(CampaignPlan(seed: seed))
        let second = CampaignResult.fly(CampaignPlan(seed: seed))
        #expect(first.print == second.print)
        #expect(first.story == second.story)
        #expect(CampaignResult.fly(CampaignPlan(seed: seed + 1000)).print != first.print)
    }

    /// What has no remedy does end flights, and is told apart.
    @Test func whatHasNoRemedyIsNoSurvival() async {
        let report = await Campaign.fly(seed: 1, flights: 30, cores: 2, faults: 1, only: .imuDead)
        #expect(report.failed == 0)
        #expect(report.count(.flewOn) + report.count(.landed) < 10)
        #expect(report.countWithoutRemedy > 15)
    }
}
