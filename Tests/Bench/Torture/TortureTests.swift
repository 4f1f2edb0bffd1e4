import Bench
import Testing

/// What is tortured, and how a report is read; the flights themselves are `Board/bench torture`.
@Suite struct TortureTests {
    @Test func everyPartyIsStruckInEveryPhaseInWhichItIsThere() {
        let all = TortureCell.all
        #expect(Set(all).count == all.count && all.count == 56)
        for party in TortureCell.Party.allCases {
            let blows = Set(all.filter { $0.party == party }.map(\.blow))
            #expect(blows == [.kill, .stop])
            let phases = all.filter { $0.party == party && $0.blow == .stop }.map(\.phase)
            #expect(phases == (party == .new ? [.rehearsing, .shadowing, .probation] : TortureCell.Phase.allCases))
        }
    }

    @Test func theSeedDraws() {
        let some = TortureCell.some(5, seed: 3)
        #expect(some.count == 5 && TortureCell.some(5, seed: 3) == some && TortureCell.some(5, seed: 4) != some)
        #expect(Set(some).count == 5 && some.allSatisfy(TortureCell.all.contains))
        #expect(TortureCell.some(1000, seed: 1) == TortureCell.all)
    }

    @Test func aReportTellsWhatFailed() {
        var report = TortureReport()
        var row = TortureReport.Row(
            TortureCell(.core, .kill, .shadowing), isStruck: true, update: "updated", rest: "another flies")
        report.rows = [row]
        #expect(report.survived && report.text.contains("survived"))
        row.faults = ["It landed."]
        report.rows.append(row)
        #expect(!report.survived && report.text.contains("| It landed. |") && report.text.contains("1 not survived"))
        report.rows[1].stall = 12
        #expect(!report.survived && !report.hasFailed, "the machine's, and so not judged")
        #expect(report.text.contains("the machine stalled 12 ms: It landed."))
        report.rows[1] = TortureReport.Row(
            TortureCell(.core, .kill, .pulling), isStruck: false, update: "updated", rest: "another flies")
        #expect(!report.survived && !report.hasFailed && report.text.contains("not met"))
        report.rows.removeLast()
        report.rows[0].gap = 51
        #expect(report.hasFailed && report.text.contains("51 ms without a motor write."))
        report.rows[0].gap = 20
        #expect(report.survived)
        report.twoOwners = 1
        #expect(report.hasFailed, "no stall excuses two owners")
    }
}
