internal import Agent
package import ArgumentParser
internal import FlightLog
internal import Glibc

extension DroneAgent.Log {
    /// `droneagent log plot`
    package struct Plot: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Draws a flight: height, attitude, motor commands and who owned the motors, as SVG.",
            discussion: "For instance: ssh pi@drone droneagent log plot > flight.svg; any browser shows it.")

        @Argument(help: "A flight's name or number, or a file; else the newest flight.")
        package var flight: String?
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() throws {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw CommandFailure(
                    .usage, "A picture is no text for a terminal; write it to a file: droneagent log plot > flight.svg")
            }
            let path = try FlightFiles(places.directories).path(of: flight)
            var (judge, plot) = (LogJudge(), LogPlot())
            try readLog(path) { chunk in
                judge.read(chunk)
                plot.read(chunk)
            }
            let verdict = judge.finish()
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let heading =
                "\(name): \(verdict.ticks) control ticks, \(verdict.missed) missed, \(verdict.doubled) doubled, \(verdict.twoOwner) by two owners"
            guard let picture = plot.svg(heading) else {
                throw CommandFailure(
                    .refused, "\(path) has nothing to draw: it is no flight's log, or it ends too early.")
            }
            Output.write(picture)
        }
    }
}
