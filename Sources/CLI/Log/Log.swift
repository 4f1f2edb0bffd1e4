package import ArgumentParser

extension DroneAgent {
    /// `droneagent log`
    package struct Log: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Lists, copies, judges and draws the logs of flights.",
            discussion: """
                The flight core of the service records each flight from arming to disarming, as ULog: PlotJuggler, \
                Flight Review and pyulog read it. 'droneagent replay' flies a candidate on one.
                """,
            subcommands: [List.self, Pull.self, Verdict.self, Plot.self])

        package init() {}
    }
}
