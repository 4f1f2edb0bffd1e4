package import ArgumentParser

/// The command line: parses, runs one verb, and says in one sentence why it failed.
package struct DroneAgent: AsyncParsableCommand {
    /// Of the programs and of the Debian packages made of them (cross-build/lib/packages.sh reads it here).
    package static let version = "0.1.0"

    package static let configuration = CommandConfiguration(
        commandName: "droneagent",
        abstract: "Replaces the flight software of a flying drone.",
        discussion: """
            The flight core flies the drone with the software of one container; the agent ('droneagent serve') hands \
            it over to the next container in the air. arm, disarm, takeoff and land go straight to the core: they \
            work without an agent.
            """,
        subcommands: [
            Serve.self, Start.self, Update.self, Status.self, Rollback.self, Watch.self, Console.self,
            GroundStation.self, Arm.self,
            Disarm.self, TakeOff.self, Land.self, Pilot.self, Board.self, Doctor.self, Log.self,
            Replay.self,
        ])

    package init() {}

    /// Parses the arguments (nil: the process's own), runs the verb, and gives the exit code.
    @concurrent
    package static func launch(_ arguments: [String]? = nil) async -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch let failure as CommandFailure {
            Output.complain(failure.sentence)
            return failure.status.rawValue
        } catch {
            // Help that was asked for is a result; a usage error is not.
            let code = exitCode(for: error).rawValue
            let message = fullMessage(for: error)
            if code == 0 { Output.write(message + "\n") } else { Output.complain(message) }
            return code
        }
    }
}
