import Bench
import Foundation
import Testing

@Suite struct DeviceReportTests {
    private func report(_ failure: String?) -> DeviceReport {
        var report = DeviceReport()
        report.steps = [
            .init(name: "it arms", seconds: 0.5), .init(name: "it <flies>", seconds: 1, failure: failure),
        ]
        report.motorWrites = 10
        return report
    }

    @Test func holdsOnlyIfEachStepDoes() {
        #expect(report(nil).holds)
        #expect(!report("it fell").holds)
        // Nothing tried is nothing shown.
        #expect(!DeviceReport().holds)
        var behind = report(nil)
        behind.writesBehindKill = 1
        #expect(!behind.holds)
        #expect(behind.summary.hasSuffix("verdict: fails"))
    }

    @Test func junitNamesEachStepAndWhatWentWrong() throws {
        let text = report("\"it\" & <fell>").junit.xml
        #expect(text.contains("tests=\"2\" failures=\"1\""))
        #expect(text.contains("name=\"it &lt;flies>\""))
        #expect(text.contains("<failure message=\"&quot;it&quot; &amp; &lt;fell>\"/>"))
        #expect(!report(nil).junit.xml.contains("failure message"))
    }
}
