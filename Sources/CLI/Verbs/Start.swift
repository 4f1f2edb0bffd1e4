internal import Agent
package import ArgumentParser

extension DroneAgent {
    /// `droneagent start REF`
    package struct Start: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Starts the first flight container; on the ground, when none flies.")

        @Argument(help: "Image: host:port/repository:tag or host:port/repository@sha256:DIGEST.")
        package var reference: String
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() async throws {
            try await AgentCall.run(AgentRequest(.start, reference: reference), places.directories, output)
        }
    }
}
