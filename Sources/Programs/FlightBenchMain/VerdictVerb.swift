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

    @Option(help: "File for the verdict as JUnit XML.")
    var junit: String?

    func run() throws {
        let report = try Self.orExit {
            let report = try Capture.judge(sigrok, board: board)
            if let junit { try report.junit.write(to: junit) }
            return report
        }
        print(report.summary)
        guard report.holds else { throw ExitCode(1) }
    }
}
