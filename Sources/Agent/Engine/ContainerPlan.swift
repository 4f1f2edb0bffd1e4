internal import CPlatform
internal import FoundationEssentials
internal import Glibc

/// How a flight container is made: what it may use, which is little.
package struct ContainerPlan: Equatable, Sendable {
    /// Of the instance; also names the container.
    package var instance: String
    /// Repository at the manifest's digest.
    package var image: String
    /// On this machine; mounted at `mountPoint`.
    package var directory: String
    /// CPUs that it may use, as the engine writes them; nil: all.
    package var cpus: String?
    /// What its camera process streams from; nil: it is the one that flies.
    package var camera: CameraDevice?

    package init(
        instance: String, image: String, directory: String, cpus: String? = Self.cpus, camera: CameraDevice? = nil
    ) {
        self.instance = instance
        self.image = image
        self.directory = directory
        self.cpus = cpus
        self.camera = camera
    }

    /// Where the container finds its sockets.
    package static let mountPoint = "/run/flight"
    /// Bytes: a controller with ZeroMQ resides in some 20 MB; a leak ends before it hurts the machine.
    package static let memory = 128 << 20
    /// Threads: control, publisher, ZeroMQ's two, the command log; with a margin.
    package static let threads = 32
    /// Open files: sockets, pipes and ZeroMQ's descriptors are some twenty.
    package static let files = 256
    /// Processes of its user, which is root's count for the whole machine: `threads` is what binds. Given because the
    /// default of some engines, Podman's for one, is more than a machine may allow, and then no container starts.
    package static let processes = 4096
    private static let isRoot = geteuid() == 0
    /// No limit to locked memory but `memory`, -1: the kernel holds the whole address space against it, of which threads
    /// reserve hundreds of MB that they never touch. With an engine's usual 8 MB a container's code could be paged out in
    /// flight. For root there is a capability (capabilities(7)), which an engine that may not raise limits can give too.
    package static let lockedMemory = isRoot ? nil : -1
    package static let capabilities = isRoot ? ["IPC_LOCK"] : []
    /// Of one CPU, in billionths: a candidate must not take the machine from the owner.
    package static let cpu = 1_000_000_000
    /// The same of a camera process: 15 small pictures a second take a tenth of that, and no more than half a CPU is
    /// theirs.
    package static let cameraMemory = 64 << 20
    package static let cameraThreads = 16
    package static let cameraCPU = 500_000_000
    /// A trapping Swift program ends at once, and its socket with it, instead of first looking at itself.
    private static let noBacktrace = "SWIFT_BACKTRACE=enable=no"
    /// CPUs that containers may use: on three or more all but the last, which is the core's alone. nil: all.
    package static let cpus: String? = {
        let count = da_cpu_count()
        return count >= 3 ? "0-\(count - 2)" : nil
    }()
    /// The same for a candidate until its switch: on two CPUs it is kept from the core's. One that forks or eats memory
    /// makes the kernel work, and many a kernel lets no real-time thread in between.
    package static let candidateCpus: String? = da_cpu_count() == 2 ? "0" : cpus
    /// What a candidate gets for its switch; nil: it has it already.
    package static let switchCpus: String? = da_cpu_count() == 2 ? "0-1" : nil
    /// Who the program is in the container: the agent's own user and group, whose sockets it opens and whose processes
    /// the agent may bound (prlimit(2)). nil: the agent is root, and so is the program, without root's capabilities.
    private static let user: String? = isRoot ? nil : "\(geteuid()):\(getegid())"
    /// Container names begin so, so that they meet no other's.
    package static let namePrefix = "droneagent-"

    package var containerName: String { Self.name(of: instance) }

    package static func name(of instance: String) -> String { namePrefix + instance }

    private struct Body: Encodable {
        struct Host: Encodable {
            struct Mount: Encodable {
                let type = "bind"
                var source: String
                var target = ContainerPlan.mountPoint

                private enum CodingKeys: String, CodingKey {
                    case type = "Type"
                    case source = "Source"
                    case target = "Target"
                }
            }
            struct Device: Encodable {
                var path: String

                private enum CodingKeys: String, CodingKey {
                    case host = "PathOnHost"
                    case inside = "PathInContainer"
                    case permissions = "CgroupPermissions"
                }

                func encode(to encoder: any Encoder) throws {
                    var values = encoder.container(keyedBy: CodingKeys.self)
                    try values.encode(path, forKey: .host)
                    try values.encode(path, forKey: .inside)
                    try values.encode("rw", forKey: .permissions)
                }
            }
            struct Restart: Encodable {
                let name = "no"

                private enum CodingKeys: String, CodingKey { case name = "Name" }
            }
            struct Limit: Encodable {
                var name: String
                /// -1: as much as it likes.
                var most: Int

                private enum CodingKeys: String, CodingKey {
                    case name = "Name"
                    case soft = "Soft"
                    case hard = "Hard"
                }

                func encode(to encoder: any Encoder) throws {
                    var values = encoder.container(keyedBy: CodingKeys.self)
                    try values.encode(name, forKey: .name)
                    try values.encode(most, forKey: .soft)
                    try values.encode(most, forKey: .hard)
                }
            }
            struct Log: Encodable {
                let type = "json-file"
                let config = ["max-size": "1m", "max-file": "2"]

                private enum CodingKeys: String, CodingKey {
                    case type = "Type"
                    case config = "Config"
                }
            }

            let network = "none"
            let isRootReadOnly = true
            let dropped = ["ALL"]
            var added = ContainerPlan.capabilities
            let security = ["no-new-privileges"]
            var memory = ContainerPlan.memory
            var memoryAndSwap = ContainerPlan.memory
            var threads = ContainerPlan.threads
            let limits =
                [
                    Limit(name: "nofile", most: ContainerPlan.files),
                    Limit(name: "nproc", most: ContainerPlan.processes),
                ] + (ContainerPlan.lockedMemory.map { [Limit(name: "memlock", most: $0)] } ?? [])
            var cpu = ContainerPlan.cpu
            var cpus: String?
            var mounts: [Mount]
            /// nil: none.
            var devices: [Device]?
            /// Further groups of its user.
            var groups: [String]?
            let restart = Restart()
            let log = Log()

            private enum CodingKeys: String, CodingKey {
                case network = "NetworkMode"
                case isRootReadOnly = "ReadonlyRootfs"
                case dropped = "CapDrop"
                case added = "CapAdd"
                case security = "SecurityOpt"
                case memory = "Memory"
                case memoryAndSwap = "MemorySwap"
                case threads = "PidsLimit"
                case limits = "Ulimits"
                case cpu = "NanoCpus"
                case cpus = "CpusetCpus"
                case mounts = "Mounts"
                case devices = "Devices"
                case groups = "GroupAdd"
                case restart = "RestartPolicy"
                case log = "LogConfig"
            }
        }

        var image: String
        /// Behind the image's entry point; nil: what the image says.
        var command: [String]?
        var user: String?
        var environment: [String]
        var labels: [String: String]
        var host: Host

        /// Makes it the image's camera process, with that device and a smaller budget.
        mutating func film(_ camera: CameraDevice) {
            command = ["camera"]
            host.added = []
            labels[ContainerLabel.role] = ContainerLabel.camera
            environment.append("FLIGHT_CAMERA=\(camera.inside)")
            (host.memory, host.memoryAndSwap) = (ContainerPlan.cameraMemory, ContainerPlan.cameraMemory)
            host.threads = ContainerPlan.cameraThreads
            host.cpu = ContainerPlan.cameraCPU
            if camera.isDevice {
                host.devices = [Host.Device(path: camera.path)]
                host.groups = ["\(camera.group)"]
            } else {
                host.mounts.append(Host.Mount(source: camera.path, target: camera.inside))
            }
        }

        private enum CodingKeys: String, CodingKey {
            case image = "Image"
            case command = "Cmd"
            case user = "User"
            case environment = "Env"
            case labels = "Labels"
            case host = "HostConfig"
        }
    }

    /// The body of the engine's create call.
    ///
    /// - Throws: `Fault` when it cannot be written down.
    package func json() throws(Fault) -> [UInt8] {
        var body = Body(
            image: image, user: Self.user, environment: ["FLIGHT_DIRECTORY=\(Self.mountPoint)", Self.noBacktrace],
            labels: [ContainerLabel.instance: instance, ContainerLabel.role: ContainerLabel.flight],
            host: Body.Host(cpus: cpus, mounts: [Body.Host.Mount(source: directory)]))
        if let camera { body.film(camera) }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(body))
        } catch {
            throw Fault("The container \(containerName) cannot be described (\(error)).")
        }
    }
}

/// Labels by which the agent finds its containers again.
package enum ContainerLabel {
    package static let instance = "org.droneagent.instance"
    package static let role = "org.droneagent.role"
    package static let flight = "flight"
    package static let camera = "camera"
}
