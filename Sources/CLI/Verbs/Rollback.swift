internal import Agent
package import ArgumentParser
internal import Contract

extension DroneAgent {
    /// `droneagent rollback`
    package struct Rollback: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Gives control back to the old version while the new one is on probation.",
            discussion: "Asks the flight core itself when the agent does not answer.")

        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() async throws {
            do throws(CommandFailure) {
                // Rolled back is what was asked for.
                try await AgentCall.run(
                    AgentRequest(.rollback), places.directories, output, success: [.done, .rolledBack])
            } catch {
                guard error.status == .agentUnreachable else { throw error }
                try CoreCall.perform(.rollback, places.directories)
                Output.complain("\(error.sentence) The flight core itself was asked to roll back and does.")
            }
        }
    }
}
