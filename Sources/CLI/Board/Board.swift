package import ArgumentParser

extension DroneAgent {
    /// `droneagent board`
    package struct Board: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Compiles and shows board files.", subcommands: [Compile.self, Show.self])

        package init() {}
    }
}
