package import ArgumentParser
internal import Contract

extension DroneAgent {
    /// `droneagent takeoff [HEIGHT]`
    package struct TakeOff: ParsableCommand {
        package static let configuration = CommandConfiguration(
            commandName: "takeoff", abstract: "Climbs from the ground to a height; the drone must be armed.")

        /// Above the place of arming, m; the core has the limits.
        @Argument(help: "Height above the place of arming, m.")
        package var height: Float = 5
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package func validate() throws {
            guard height.isFinite, height > 0 else {
                throw ValidationError("The height is \(height) m; give a height above the ground.")
            }
        }

        package mutating func run() throws {
            let sentence = "Climbs to \(fixed(Double(height), 1)) m."
            try CoreCall.run(.takeoff, places.directories, output, value: height, saying: sentence)
        }
    }
}
