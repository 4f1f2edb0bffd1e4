internal import Agent
package import ArgumentParser
internal import FoundationEssentials

extension DroneAgent.Board {
    /// `droneagent board compile FILE -o OUT`
    package struct Compile: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Compiles a board file to what the flight core reads.")

        @Argument(help: "Board file (YAML).")
        package var file: String
        @Option(name: .shortAndLong, help: ArgumentHelp("File to write.", valueName: "out"))
        package var output: String

        package init() {}

        package mutating func run() throws {
            let board = try BoardReader.compile(file)
            do {
                try Data(board.binary).write(to: URL(filePath: output), options: .atomic)
            } catch {
                throw CommandFailure(
                    .refused, "\(output) cannot be written; check that its folder exists and is yours.")
            }
            Output.write("\(output): board \(board.hashText).\n")
        }
    }
}
