internal import Agent
package import ArgumentParser
internal import Contract

extension DroneAgent {
    /// `droneagent rollback`
    package struct Rollback: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Goes back to the old version.",
            discussion: """
                Calls off an update; while the new version is on probation the old one has control again at the next \
                tick. After that it is an ordinary update, to the version that was committed before, from the engine's \
                own store. Asks the flight core itself when the agent does not answer.
                """)

        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() async throws {
            do throws(CommandFailure) {
                // Rolled back is what was asked for.
                try await AgentCall.run(
                    AgentRequest(.rollback), places.directories, output, success: [.done, .rolledBack, .updated])
            } catch {
                guard error.status == .agentUnreachable else { throw error }
                let core = try CoreCall.perform(.rollback, places.directories)
                let sentence = "\(error.sentence) The flight core itself was asked to roll back and does."
                if output.json { Output.write(CoreResult(.done, sentence, core: core).json) }
                Output.complain(sentence)
            }
        }
    }
}
