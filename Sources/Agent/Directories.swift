internal import CContract

/// Where the agent finds the core, its containers and its own files.
package struct Directories: Equatable, Sendable {
    /// Sockets, gone after a reboot.
    package var run: String
    /// Files that outlive a reboot.
    package var state: String

    package static let defaultRun = "/run/droneagent"
    package static let defaultState = "/var/lib/droneagent"

    package init(run: String = Self.defaultRun, state: String = Self.defaultState) {
        self.run = run
        self.state = state
    }

    /// From the options of a command, else the environment, else the defaults.
    package init(run: String?, state: String?, environment: [String: String]) {
        self.init(
            run: run ?? environment["DRONEAGENT_RUN"] ?? Self.defaultRun,
            state: state ?? environment["DRONEAGENT_STATE"] ?? Self.defaultState)
    }

    package var coreSocket: String { "\(run)/core.sock" }
    package var agentSocket: String { "\(run)/agent.sock" }
    package var journal: String { "\(state)/journal.sqlite" }
    /// Where the core of a service records its flights.
    package var flights: String { "\(state)/flights/" }

    /// The directory that is mounted into an instance's container.
    package func instance(_ name: String) -> String { "\(run)/instances/\(name)" }

    /// The directory that is mounted into the camera's container, and its pictures there.
    package var camera: String { "\(run)/camera" }
    package var pictures: String { "\(camera)/pictures.sock" }

    /// Behind a candidate's name, for its container that rehearses: what that one logs, it told a model.
    package static let rehearsalSuffix = "-rehearsal"

    /// The instance's end of the handover queue, bound by the agent.
    package func queueSocket(_ name: String) -> String { "\(instance(name))/\(DA_QUEUE_SOCKET)" }
}
