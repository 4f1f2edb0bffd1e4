import ArgumentParser
import Bench

/// The simulated world, as a process of its own.
struct World: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves the simulated chips on a socket, until SIGTERM.")

    @Option(help: "Compiled board file.")
    var board: String
    @Option(help: "Socket to serve.")
    var socket: String
    @Option(help: "Folder for motors.log, truth.log and stalls.log.")
    var folder: String
    @Option(help: "Seed of wind and noise.")
    var seed: UInt64 = 1

    @Option(help: "How many batteries it has, at no weight: one lasts some ten minutes.")
    var batteries = 1.0

    @Flag(help: "Also play a CP2112 over /dev/uhid: the kernel makes /dev/i2c-N and /dev/gpiochipN of it.")
    var adapter = false

    @Option(help: "Pipe to make, through which chips are struck while it runs.")
    var faults: String?

    func validate() throws {
        guard batteries >= 1, batteries <= 100 else { throw ValidationError("--batteries takes 1 to 100.") }
    }

    func run() throws {
        try Self.orExit {
            try WorldProcess.run(
                board: board, socket: socket, folder: folder, seed: seed, batteries: batteries,
                faults: faults, adapter: adapter)
        }
    }
}
