/// What `flightbench fly` is told.
package struct FlyOptions: Sendable {
    /// The container engine's socket and the registry's host:port; nil: v1 alone, as a process, without an update.
    package var engine: String?
    package var registry: String?
    /// Tags of the images that fly first and next; the same one: all updates are to the image that flies already.
    package var first = "v1"
    package var next = "v2"
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
    package var updateAt = 6.0
    /// s between the end of an update and the next one, to the same version again: windows with and without an update
    /// take turns, so that a change of the machine's mood meets both.
    package var updatePause = 8.0
    /// Updates of one flight: the first to `next`, the others to `next` again.
    package var updates = 2
    /// The chips are behind the kernel's devices.
    package var adapter = false
    /// The machine is an emulated one, whose times are no verdict.
    package var emulated = false
    /// One lasts some ten minutes.
    package var batteries = 1.0

    /// `droneagent console` shows the flight; its address is told here, before anything flies.
    package var console: (@Sendable (_ address: String) -> Void)?

    package enum Camera: Sendable, Equatable {
        /// It looks at the simulated scene, from the drone's true pose.
        case scene
        /// A V4L2 device. Once an image with a camera process is committed its pictures must come.
        case device(String)
    }

    /// What images that have a camera process stream; nil: there is none.
    package var camera: Camera?

    /// Where the command logs of all instances are kept (`KeptLogs`).
    var keptLogs: String { run + "/logs" }

    package init() {}
}
