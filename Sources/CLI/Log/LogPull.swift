internal import Agent
package import ArgumentParser
internal import Glibc

extension DroneAgent.Log {
    /// `droneagent log pull`
    package struct Pull: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Writes a flight's log to standard output.",
            discussion: "For instance: ssh pi@drone droneagent log pull > flight.ulg")

        @Argument(help: "A flight's name or number, or a file; else the newest flight.")
        package var flight: String?
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() throws {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw CommandFailure(
                    .usage, "A log is no text for a terminal; write it to a file: droneagent log pull > flight.ulg")
            }
            try readLog(try FlightFiles(places.directories).path(of: flight)) { Output.write(bytes: $0) }
        }
    }
}
