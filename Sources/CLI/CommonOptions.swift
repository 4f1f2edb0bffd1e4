package import Agent
package import ArgumentParser
internal import Glibc

/// Where core and agent are found.
package struct PlaceOptions: ParsableArguments {
    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "Directory of the sockets (DRONEAGENT_RUN, else \(Directories.defaultRun)).", valueName: "dir"),
        completion: .directory)
    package var runDirectory: String?

    @Option(
        name: .customLong("state"),
        help: ArgumentHelp(
            "Directory of what outlives a reboot (DRONEAGENT_STATE, else \(Directories.defaultState)).",
            valueName: "dir"), completion: .directory)
    package var stateDirectory: String?

    package init() {}

    package var directories: Directories {
        var environment: [String: String] = [:]
        for key in ["DRONEAGENT_RUN", "DRONEAGENT_STATE"] {
            if let value = getenv(key) { environment[key] = String(cString: value) }
        }
        return Directories(run: runDirectory, state: stateDirectory, environment: environment)
    }
}

/// Where the container engine is found.
package struct EngineOptions: ParsableArguments {
    @Option(name: .customLong("engine"), help: "Socket of the container engine, unix:///path or a plain path.")
    package var address = "unix://" + Engine.defaultSocket

    package init() {}

    /// The socket's path.
    package var path: String { address.hasPrefix("unix://") ? String(address.dropFirst(7)) : address }

    package func validate() throws {
        guard path.hasPrefix("/") else {
            throw ValidationError("The engine is '\(address)'; give unix:///path or an absolute path.")
        }
    }
}

/// How results are written.
package struct OutputOptions: ParsableArguments {
    @Flag(help: "One JSON object a line, on standard output.")
    package var json = false

    package init() {}
}
