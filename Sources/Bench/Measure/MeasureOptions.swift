/// What `flightbench measure` is told.
package struct MeasureOptions: Sendable {
    /// The container engine's socket and the registry's host:port.
    package var engine = ""
    package var registry = ""
    /// What the registry says of each request: its answers' bytes are counted there.
    package var registryLog = ""
    /// The interposed library (Tests/Reference/shim).
    package var shim = ""
    /// Processes that keep the CPUs from sleeping, a pid a line (Board/lib/awake.sh): two CPUs of a virtual machine are often
    /// one core of its host's, so they stand still where computing is timed.
    package var awake: String?
    package var board = "Board/bench.yaml"
    package var out = "flight"
    /// Sockets; short, because a socket's path is.
    package var run = "/run/droneagent-measure"
    /// Folder of the built programs.
    package var programs = ".build/release"
    /// The short run: every row once, its figures prove little.
    package var quick = false

    package init() {}
}
