/// An image as the engine has it.
package struct EngineImage: Equatable, Sendable, Decodable {
    package struct Layers: Equatable, Sendable, Decodable {
        package var diffs: [String]?

        private enum CodingKeys: String, CodingKey { case diffs = "Layers" }
    }

    package var id: String
    package var repoDigests: [String]?
    package var os: String
    package var architecture: String
    package var variant: String?
    package var config: ImageConfig.Container?
    package var rootfs: Layers?

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case repoDigests = "RepoDigests"
        case os = "Os"
        case architecture = "Architecture"
        case variant = "Variant"
        case config = "Config"
        case rootfs = "RootFS"
    }

    package var platform: Platform { Platform(os: os, architecture: architecture, variant: variant) }
    package var labels: [String: String] { config?.labels ?? [:] }
    /// Digests of the uncompressed layers, bottom first.
    package var diffs: [String] { rootfs?.diffs ?? [] }

    /// Whether the engine holds just `image`. Engines name an image by its configuration; those with
    /// containerd's store by its manifest.
    package func isSame(as image: ResolvedImage) -> Bool {
        id == image.config.text || id == image.manifest.text
    }
}

/// A container as the engine sees it.
package struct EngineContainer: Equatable, Sendable, Decodable {
    package struct State: Equatable, Sendable, Decodable {
        package var status: String
        package var isRunning: Bool
        package var pid: Int32
        package var exitCode: Int
        package var outOfMemory: Bool?

        private enum CodingKeys: String, CodingKey {
            case status = "Status"
            case isRunning = "Running"
            case pid = "Pid"
            case exitCode = "ExitCode"
            case outOfMemory = "OOMKilled"
        }
    }

    package struct Config: Equatable, Sendable, Decodable {
        /// As given to create.
        package var image: String
        package var labels: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case image = "Image"
            case labels = "Labels"
        }
    }

    package var id: String
    package var name: String
    package var state: State
    package var config: Config

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case name = "Name"
        case state = "State"
        case config = "Config"
    }

    /// The instance that it serves; nil: it is none of the agent's.
    package var instance: String? { config.labels?[ContainerLabel.instance] }
}
