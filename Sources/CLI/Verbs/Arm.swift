package import ArgumentParser
internal import Contract

extension DroneAgent {
    /// `droneagent arm`
    package struct Arm: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Lets the motors turn; refused with the list of reasons.")

        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() throws {
            try CoreCall.perform(.arm, places.directories)
            Output.write("Armed.\n")
        }
    }
}
