/// What `flightbench fly` is told.
package struct FlyOptions: Sendable {
    /// The container engine's socket and the registry's host:port; nil: v1 alone, as a process, without an update.
    package var engine: String?
    package var registry: String?
    /// Board file (YAML), compiled by `droneagent`.
    package var board = "Board/bench.yaml"
    package var out = "flight"
    /// Sockets; short, because a socket's path is.
    package var run = "/run/droneagent-fly"
    /// Folder of the built programs.
    package var programs = ".build/release"
    package var seed: UInt64 = 1
    package var manoeuvreSeconds = 40.0
    /// s behind the first manoeuvre at which the update is asked for.
    package var updateAt = 10.0

    package init() {}
}
