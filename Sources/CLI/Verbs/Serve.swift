internal import Agent
package import ArgumentParser
internal import Logging

extension DroneAgent {
    /// `droneagent serve`
    package struct Serve: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Runs the agent; the flight goes on without it.",
            discussion: """
                Logs to standard error, to the journal with priorities. Ends on SIGTERM and SIGINT; started anew, it finishes or undoes what was under \
                way.
                """)

        @OptionGroup package var engine: EngineOptions
        @Option(
            help: ArgumentHelp(
                "Camera of images that have a camera process, such as /dev/video0; without it they fly without.",
                valueName: "device"), completion: .file())
        package var camera: String?
        @Flag(
            inversion: .prefixedNo, help: "Start the committed version where nothing flies, as after a loss of power.")
        package var boot = true
        @Flag(help: "Log each request and each step.")
        package var verbose = false
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() async throws {
            var logger = Logger(label: "droneagent") { standardErrorLog(label: $0) }
            logger.logLevel = verbose ? .debug : .info
            let directories = places.directories
            do throws(Fault) {
                let agent = try FlightAgent(
                    directories: directories, engineSocket: engine.path, camera: camera, logger: logger)
                let (ready, boots) = (logger, boot)
                try await untilTold { () async throws(Fault) in
                    try await agent.serve(boots: boots) {
                        ready.info("serving", metadata: ["socket": "\(directories.agentSocket)"])
                    }
                }
            } catch {
                throw CommandFailure(.refused, error.sentence)
            }
        }
    }
}
