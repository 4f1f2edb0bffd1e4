internal import Agent
package import ArgumentParser
internal import FoundationEssentials

extension DroneAgent.Log {
    /// `droneagent log list`
    package struct List: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "The flights that are recorded, oldest first: name, when it ended, size.")

        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() throws {
            for flight in try FlightFiles(places.directories).all() {
                let line = Line(name: flight.name, ended: flight.changed.formatted(.iso8601), bytes: flight.size)
                if output.json {
                    Output.write(Output.json(line))
                } else {
                    let size = "\((Double(line.bytes) / 1e5).rounded() / 10) MB"
                    Output.write("\(line.name)  \(line.ended)  \(size)\n")
                }
            }
        }

        private struct Line: Encodable {
            var name: String
            /// ISO 8601, UTC.
            var ended: String
            var bytes: Int
        }
    }
}
