internal import Agent
package import ArgumentParser

extension DroneAgent {
    /// `droneagent update REF`
    package struct Update: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Hands the flight over to another version, in the air or on the ground.",
            discussion: """
                Pulls the image, starts it beside the version that flies, moves the state over, watches it in shadow, \
                switches at a tick boundary and watches it on probation. Until the switch every failure and every \
                time-out leaves the flight as it was. Ctrl-C ends the watching, not the update. It does not begin in take-off or \
                landing, too low, with a chip in trouble, a low battery, a hot or throttled CPU, or without room.

                \(ExitStatus.table)
                """)

        @Argument(
            help: """
                Image: v2 (a tag in the repository of the image that flies), host:port/repository:tag, or \
                host:port/repository@sha256:DIGEST.
                """)
        package var reference: String
        @Flag(help: "Print the plan or the refusal and change nothing.")
        package var dryRun = false
        @Flag(help: "Run the whole handover even to the image that flies already.")
        package var again = false
        @Flag(help: "Begin and switch whatever the update gate says: height, battery, chips, heat, disk, memory.")
        package var now = false
        @Option(
            help: ArgumentHelp(
                "Wait up to so long until the gate lets the update begin; at most \(FlightAgent.waitMax).",
                valueName: "seconds"))
        package var wait: Int?
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package func validate() throws {
            guard let wait else { return }
            guard (1...FlightAgent.waitMax).contains(wait) else {
                throw ValidationError("--wait takes 1 to \(FlightAgent.waitMax) seconds, not \(wait).")
            }
            guard !now else { throw ValidationError("--now does not wait; give --now or --wait, not both.") }
        }

        package mutating func run() async throws {
            let request = AgentRequest(
                .update, reference: reference, dryRun: dryRun, again: again, now: now, wait: wait)
            try await AgentCall.run(request, places.directories, output)
        }
    }
}
