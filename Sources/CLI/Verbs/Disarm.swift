package import ArgumentParser
internal import Contract

extension DroneAgent {
    /// `droneagent disarm`
    package struct Disarm: ParsableCommand {
        package static let configuration = CommandConfiguration(abstract: "Stops the motors on the ground.")

        @Flag(help: "Stop them in the air too: the drone falls.")
        package var force = false
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() throws {
            try CoreCall.run(.disarm, places.directories, output, isForced: force, saying: "Disarmed.")
        }
    }
}
