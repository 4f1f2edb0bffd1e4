/// What `flightbench sync` is told.
package struct SyncOptions: Sendable {
    /// The container engine's socket and the registry's host:port.
    package var engine: String
    package var registry: String
    /// Of the map, bytes; the registry has an image `flight:map-BYTES` for each.
    package var sizes: [Int]
    package var board = "Board/bench.yaml"
    package var out = "flight"
    /// Sockets; short, because a socket's path is.
    package var run = "/run/droneagent-sync"
    /// Folder of the built programs.
    package var programs = ".build/release"

    package init(engine: String, registry: String, sizes: [Int]) {
        self.engine = engine
        self.registry = registry
        self.sizes = sizes
    }
}
