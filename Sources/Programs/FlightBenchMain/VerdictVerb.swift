import ArgumentParser
import Bench

/// A flight judged from outside: by the wires of its motors' chip.
struct VerdictVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdict",
        abstract: "Judges a flight by a logic analyser's capture of the motors' chip, and by nothing of ours.",
        discussion: """
            Channels: SCL, SDA, OE (the chip's pin), M1 to M4 (its outputs, motor order), sampled at ten times the bus \
            clock or faster. Needs sigrok-cli. Who commanded cannot be seen on a wire: for that there is report.json. \
            Exits 0 if the verdict holds, 1 if not, 64 if the capture cannot be read.
            """)

    @Option(help: "Capture in sigrok's format.")
    var sigrok: String
    @Option(help: "Board file.")
    var board = "Board/bench.yaml"

    func run() throws {
        let report = try Self.orExit { try Capture.judge(sigrok, board: board) }
        print(report.summary)
        guard report.holds else { throw ExitCode(1) }
    }
}

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
