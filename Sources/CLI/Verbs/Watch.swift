internal import Agent
package import ArgumentParser

extension DroneAgent {
    /// `droneagent watch`
    package struct Watch: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Shows the flight once a second until interrupted.",
            discussion: "Goes on from the flight core alone while the agent is away.")

        /// A person reads no faster; it costs the core one reply.
        private static let interval = Duration.seconds(1)

        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() async throws {
            var display = ProgressDisplay(Output.form(json: output.json))
            while true {
                let reading: StatusReading
                do throws(CommandFailure) {
                    reading = try await StatusReading.take(places.directories)
                } catch {
                    Output.write(display.end())
                    throw error
                }
                if output.json {
                    Output.write(reading.json + "\n")
                } else if let core = reading.core {
                    let line = watchLine(core, phase: reading.report == nil ? "unknown" : reading.report?.phase)
                    Output.write(display.show(.watching(line)))
                } else if let failure = reading.failure {
                    Output.write(display.show(.watching(failure.sentence)))
                }
                try await Task.sleep(for: Self.interval)
            }
        }
    }
}

extension AgentLine {
    fileprivate static func watching(_ text: String) -> AgentLine {
        var line = AgentLine.progress("", text)
        line.phase = nil
        return line
    }
}
