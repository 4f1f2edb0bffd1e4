internal import Agent
package import ArgumentParser
internal import CContract
internal import Contract
internal import FoundationEssentials

extension DroneAgent.Board {
    /// `droneagent board compile FILE -o OUT`
    package struct Compile: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Compiles a board file to what the flight core reads.")

        @Argument(help: "Board file (YAML).", completion: .file(extensions: ["yaml"]))
        package var file: String
        @Option(name: .shortAndLong, help: ArgumentHelp("File to write.", valueName: "out"), completion: .file())
        package var output: String
        @OptionGroup package var form: OutputOptions

        package init() {}

        package mutating func run() throws {
            let board = try BoardReader.compile(file)
            do {
                try Data(board.binary).write(to: URL(filePath: output), options: .atomic)
            } catch {
                throw CommandFailure(
                    .refused, "\(output) cannot be written; check that its folder exists and is yours.")
            }
            let line = Line(file: output, name: text(board.name), hash: board.hashText)
            Output.write(form.json ? Output.json(line) : "\(output): board \(line.hash).\n")
        }

        private struct Line: Encodable {
            var file: String
            var name: String
            var hash: String
        }
    }
}
