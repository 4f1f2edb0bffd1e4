import Agent
import ArgumentParser
import CLI
import Testing

@Suite("Exit codes")
struct ExitCodeTests {
    @Test(
        "Each outcome has its own",
        arguments: zip(Outcome.allCases, [0, 0, 2, 3, 4] as [Int32]))
    func outcome(_ outcome: Outcome, _ code: Int32) {
        #expect(ExitStatus(outcome).rawValue == code)
    }

    @Test("What scripts rely on") func values() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 2, 3, 4, 5, 6, 64])
    }

    @Test("The help of update has them all") func help() {
        let help = DroneAgent.helpMessage(for: DroneAgent.Update.self, columns: 200)
        for status in ExitStatus.allCases { #expect(help.contains("\(status.rawValue)  \(status.meaning)")) }
    }
}
