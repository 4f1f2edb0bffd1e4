package import ArgumentParser
internal import Contract

extension DroneAgent {
    /// `droneagent land`
    package struct Land: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Descends level, lands and disarms.")

        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() throws {
            try CoreCall.run(.land, places.directories, output, saying: "Lands.")
        }
    }
}
