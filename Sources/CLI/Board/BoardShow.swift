internal import Agent
package import ArgumentParser

extension DroneAgent.Board {
    /// `droneagent board show FILE`
    package struct Show: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Shows what a board file, or a compiled one, says.")

        @Argument(help: "Board file or compiled board.")
        package var file: String

        package init() {}

        package mutating func run() throws { Output.write(try BoardReader.show(file).summary + "\n") }
    }
}
