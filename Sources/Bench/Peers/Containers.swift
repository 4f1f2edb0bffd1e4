import Agent
import CPlatform

/// The flight containers of a peer, made as the agent makes its own, but with the engine's command line.
struct Containers {
    struct Container {
        let name: String
        let image: String
        /// On this machine.
        let directory: String
    }

    /// The command line with the engine's socket.
    let docker: String
    let old: Container
    let new: Container
    /// Those that the agent makes in the flight with our update.
    private static let agents = ["flight-1", "flight-2"].map { ContainerPlan.name(of: $0) }

    init(engine: String, registry: String, instances: String) {
        docker = "docker --host unix://\(engine)"
        func container(_ name: String, _ tag: String) -> Container {
            Container(name: name, image: "\(registry)/flight:\(tag)", directory: "\(instances)/\(name)")
        }
        old = container("droneagent-peer-old", "v1")
        new = container("droneagent-peer-new", "v2")
    }

    /// Pulls both images: what is compared is the replacement, not the network.
    var pull: String { [old, new].map { "\(docker) pull --quiet \($0.image)" }.joined(separator: " && ") }

    /// Makes a container with what the agent's may use, and starts it.
    func run(_ container: Container) -> String {
        var words = [
            docker, "run", "--detach", "--name", container.name, "--network", "none", "--read-only", "--cap-drop",
            "ALL", "--security-opt", "no-new-privileges", "--memory", "\(ContainerPlan.memory)", "--memory-swap",
            "\(ContainerPlan.memory)", "--pids-limit", "\(ContainerPlan.threads)", "--cpus",
            "\(ContainerPlan.cpu / 1_000_000_000)", "--env", "FLIGHT_DIRECTORY=\(ContainerPlan.mountPoint)",
            "--volume", "\(container.directory):\(ContainerPlan.mountPoint)",
        ]
        if let cpus = ContainerPlan.cpus { words += ["--cpuset-cpus", cpus] }
        return (words + [container.image]).joined(separator: " ")
    }

    /// Removes all that a flight may have left.
    var remove: String {
        "\(docker) rm --force --volumes \(([old.name, new.name] + Self.agents).joined(separator: " "))"
    }
}

/// Gives containers that the agent does not know the priority that it gives an owner's control thread.
struct Priorities {
    private let threads = ControlThread()
    private var raised: Set<Int32> = []

    /// - Throws: `BenchFault` when the machine does not allow it: the peer would fly worse than it must.
    mutating func raise(_ pid: Int32) throws(BenchFault) {
        guard pid > 0, raised.insert(pid).inserted else { return }
        if let why = threads.set(pid: pid, .proven) { throw BenchFault(why) }
    }
}
