internal import Agent
package import ArgumentParser

extension DroneAgent.Board {
    /// `droneagent board show FILE`
    package struct Show: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Shows what a board file, or a compiled one, says.")

        @Argument(help: "Board file or compiled board.", completion: .file(extensions: ["yaml", "bin"]))
        package var file: String
        @OptionGroup package var form: OutputOptions

        package init() {}

        package mutating func run() throws {
            let board = try BoardReader.show(file)
            Output.write(form.json ? Output.json(BoardReport(board)) : board.summary + "\n")
        }
    }
}
