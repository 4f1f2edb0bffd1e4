internal import Agent
package import ArgumentParser

extension DroneAgent {
    /// `droneagent status`
    package struct Status: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Says who flies and how, and what the agent does.",
            discussion: "Without an agent it says what the flight core knows, and ends with exit code 5.")

        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() async throws {
            let reading = try await StatusReading.take(places.directories)
            Output.write(output.json ? reading.json : reading.lines.map { $0 + "\n" }.joined())
            if let failure = reading.failure { throw failure }
        }
    }
}
