/// What `flightbench peers` is told.
package struct PeersOptions: Sendable {
    /// The container engine's socket and the registry's host:port.
    package var engine = ""
    package var registry = ""
    package var out = "flight"
    /// Sockets; short, because a socket's path is.
    package var run = "/run/droneagent-peers"
    /// Folder of the built programs.
    package var programs = ".build/release"
    /// s of manoeuvres: what our update takes, its probation included.
    package var manoeuvreSeconds = 15.0
    /// s behind the first manoeuvre at which a replacement is asked for: the moment in which the pilot throws the stick
    /// over.
    package var replaceAt = 3.2

    package init() {}

    var stage: MeasureOptions {
        var options = MeasureOptions()
        options.engine = engine
        options.registry = registry
        options.out = out
        options.run = run
        options.programs = programs
        return options
    }
}
