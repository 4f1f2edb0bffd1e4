internal import Agent
package import ArgumentParser

extension DroneAgent {
    /// `droneagent serve`
    package struct Serve: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Runs the agent; the flight goes on without it.",
            discussion: "Ends on SIGTERM and SIGINT; started anew, it finishes or undoes what was under way.")

        @Option(help: "Socket of the container engine, unix:///path or a plain path.")
        package var engine = "unix:///var/run/docker.sock"
        @OptionGroup package var places: PlaceOptions

        package init() {}

        /// The socket's path.
        package var enginePath: String { engine.hasPrefix("unix://") ? String(engine.dropFirst(7)) : engine }

        package func validate() throws {
            guard enginePath.hasPrefix("/") else {
                throw ValidationError("The engine is '\(engine)'; give unix:///path or an absolute path.")
            }
        }

        package mutating func run() async throws {
            throw CommandFailure(.refused, "This build has no agent.")
        }
    }
}
