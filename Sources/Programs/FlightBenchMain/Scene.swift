import ArgumentParser
import Bench

/// The simulated scene, as a process of its own.
struct Scene: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves what a camera on the simulated vehicle sees on a socket, until SIGTERM.")

    @Option(help: "The world's truth.log.")
    var truth: String
    @Option(help: "Socket to serve; a flight container takes it for its camera.")
    var socket: String

    func run() throws { try Self.orExit { try SceneProcess.run(truth: truth, socket: socket) } }
}
