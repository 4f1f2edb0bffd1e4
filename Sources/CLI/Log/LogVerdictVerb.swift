internal import Agent
package import ArgumentParser
package import FlightLog

extension DroneAgent.Log {
    /// `droneagent log verdict`
    package struct Verdict: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Judges a flight from its log: ticks, gaps, epochs, and who flew when.",
            discussion: """
                The log is the flight core's own word, tick by tick. Ends with 0 if no tick was missed, doubled, held, of \
                two owners or of a past epoch; else with 2.
                """)

        @Argument(help: "A file, or a flight's name or number; else the newest flight.")
        package var flight: String?
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() throws {
            let path = try FlightFiles(places.directories).path(of: flight)
            var judge = LogJudge()
            try readLog(path) { judge.read($0) }
            let verdict = judge.finish()
            if output.json {
                Output.write(Output.json(verdict))
            } else {
                for line in logVerdictLines(verdict) { Output.write(line + "\n") }
            }
            guard verdict.holds else {
                throw CommandFailure(.refused, "\(path): \(verdict.reasons.joined(separator: " "))")
            }
        }
    }
}

/// The verdict for a person.
package func logVerdictLines(_ verdict: LogVerdict) -> [String] {
    let gap = (verdict.worstGap * 1e4).rounded() / 10
    let counts = [
        "ticks \(verdict.ticks): missed \(verdict.missed), doubled \(verdict.doubled), two owners \(verdict.twoOwner), of a past epoch \(verdict.pastEpochs)",
        "held \(verdict.held), late \(verdict.late), failsafe \(verdict.failsafe); longest gap between motor writes \(gap) ms",
    ]
    let watches = verdict.watches.map { watch in
        let time = "\((watch.from * 10).rounded() / 10) to \((watch.to * 10).rounded() / 10) s"
        return time.padded(to: 18) + (watch.name.isEmpty ? "nobody" : watch.name).padded(to: 33)
            + "epoch \(watch.epoch), ticks \(watch.firstTick) to \(watch.lastTick), \(watch.cause)"
    }
    let cut = verdict.isCut ? ["The log ends in the middle of a message: its writer was killed or lost its power."] : []
    return counts + watches + cut + ["verdict: \(verdict.holds ? "holds" : "fails")"]
}
