import ArgumentParser
import Bench

/// A capture of a simulated flight.
struct CaptureVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        abstract: "Writes what a logic analyser would have seen at the simulated motor chip, in sigrok's format.")

    @Option(help: "The chip's log, motors.log in the world's folder of a flight.")
    var motors: String
    @Option(help: "Board file.")
    var board = "Board/bench.yaml"
    @Option(help: "The capture.")
    var out = "flight/capture.sr"
    @Option(help: "s behind the first write.")
    var begin = 0.0
    @Option(help: "s, up to 60.")
    var seconds = 10.0

    func run() throws {
        try Self.orExit { try Capture.write(out, motors: motors, board: board, begin: begin, seconds: seconds) }
        print(out)
    }
}
