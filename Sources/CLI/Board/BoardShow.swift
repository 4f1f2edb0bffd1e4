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
            Output.write(
                (form.json ? String(decoding: jsonLine(BoardReport(board)), as: UTF8.self) : board.summary) + "\n")
        }
    }
}
