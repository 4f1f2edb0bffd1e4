internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// A container engine that speaks the Docker Engine API: Docker, Podman, balenaEngine.
///
/// Every call has a limit and is made once; each error is one sentence.
package struct Engine: Sendable {
    /// Where Docker listens unless it is told otherwise.
    package static let defaultSocket = "/var/run/docker.sock"
    /// How long a container may take to end by itself before it is killed, s: it has nothing to save.
    package static let stopGrace = 3

    package let version: EngineVersion
    private let calls: EngineCalls

    package var socket: String { calls.socket }

    /// Asks the engine for its version and settles on one that both speak.
    ///
    /// - Throws: `Fault` when it does not answer or is too old.
    package init(socket: String, _ connections: Connections) async throws(Fault) {
        var calls = EngineCalls(socket: socket, connections: connections)
        let answer = try await calls.call(
            .GET, "/_ping", accepting: [200], doing: "Asking the container engine for its version")
        version = try EngineVersion.negotiate(theirs: answer.apiVersion, socket: socket)
        calls.version = version
        self.calls = calls
    }

    // MARK: Images

    /// The image, or nil when the engine does not have it.
    package func image(_ reference: String) async throws(Fault) -> EngineImage? {
        let doing = "Inspecting image \(reference)"
        let answer = try await calls.call(.GET, "/images/\(reference)/json", accepting: [200, 404], doing: doing)
        return answer.code == 404 ? nil : try decode(EngineImage.self, answer, doing)
    }

    /// Pulls `image` by its manifest's digest; success is what inspect says afterwards (supports invariant 5).
    ///
    /// - Throws: `Fault` with the engine's words when the pull fails, or when afterwards the image is another.
    package func pull(
        _ image: ResolvedImage, progress: @Sendable (PullProgress) -> Void
    ) async throws(Fault) {
        var sum = PullProgress(image)
        let name = image.pullReference
        try await calls.stream(
            .POST, "/images/create", query: ["fromImage": name], doing: "Pulling \(name)"
        ) { line throws(Fault) in
            if try sum.take(line, of: name) { progress(sum) }
        }
        guard let held = try await self.image(name) else {
            throw Fault("Pulling \(name) ended without an error, but the engine does not have it; look into its log.")
        }
        guard held.isSame(as: image) else {
            throw Fault(
                "The engine holds \(held.id) as \(name), but its configuration is \(image.config); remove the image and try again."
            )
        }
    }

    /// For what an update can do without, s.
    private static let aside = TimeAmount.seconds(2)

    /// How the engine is set up; what it does not say is nil.
    package struct SetUp: Decodable, Sendable {
        /// The folder in which it keeps images.
        package var folder: String?
        private var restores: Bool?
        /// Podman's own field: its containers never depend on its service, whatever it says of live restore.
        private var podman: String?

        /// Whether containers outlive it.
        package var keepsContainers: Bool? { podman == nil ? restores : true }

        private enum CodingKeys: String, CodingKey {
            case folder = "DockerRootDir"
            case restores = "LiveRestoreEnabled"
            case podman = "BuildahVersion"
        }
    }

    package func setUp() async throws(Fault) -> SetUp {
        let doing = "Asking the engine how it is set up"
        return try decode(
            SetUp.self, try await calls.call(.GET, "/info", accepting: [200], doing: doing, limit: Self.aside), doing)
    }

    // MARK: Containers

    /// Makes a container and gives its id and the engine's warnings.
    package func create(_ plan: ContainerPlan) async throws(Fault) -> (id: String, warnings: [String]) {
        struct Created: Decodable {
            var id: String
            var warnings: [String]?

            private enum CodingKeys: String, CodingKey {
                case id = "Id"
                case warnings = "Warnings"
            }
        }
        let doing = "Creating container \(plan.containerName)"
        let answer = try await calls.call(
            .POST, "/containers/create", query: ["name": plan.containerName], body: plan.json(), accepting: [201],
            doing: doing)
        let created = try decode(Created.self, answer, doing)
        return (created.id, created.warnings ?? [])
    }

    /// Gives a container, running or not, other CPUs.
    package func give(_ container: String, cpus: String) async throws(Fault) {
        _ = try await calls.call(
            .POST, "/containers/\(container)/update", body: Array(#"{"CpusetCpus":"\#(cpus)"}"#.utf8),
            accepting: [200], doing: "Giving container \(container.prefix(40)) CPUs \(cpus)")
    }

    package func start(_ container: String) async throws(Fault) {
        _ = try await calls.call(
            .POST, "/containers/\(container)/start", accepting: [204, 304],
            doing: "Starting container \(container.prefix(40))")
    }

    /// Asks the container to end, and kills it after `stopGrace`; one that has ended or is gone is no error.
    package func stop(_ container: String) async throws(Fault) {
        _ = try await calls.call(
            .POST, "/containers/\(container)/stop", query: ["t": "\(Self.stopGrace)"], accepting: [204, 304, 404],
            doing: "Stopping container \(container.prefix(40))")
    }

    /// Ends the container at once; one that has ended or is gone is no error.
    package func kill(_ container: String) async throws(Fault) {
        _ = try await calls.call(
            .POST, "/containers/\(container)/kill", accepting: [204, 404, 409],
            doing: "Killing container \(container.prefix(40))")
    }

    /// Removes the container, running or not; one that is gone is no error.
    package func remove(_ container: String) async throws(Fault) {
        _ = try await calls.call(
            .DELETE, "/containers/\(container)", query: ["force": "1", "v": "1"], accepting: [204, 404],
            doing: "Removing container \(container.prefix(40))")
    }

    /// Removes an image by this name; one that is gone, or that a container has, is no error.
    package func removeImage(_ reference: String) async throws(Fault) {
        _ = try await calls.call(
            .DELETE, "/images/\(reference)", accepting: [200, 404, 409], doing: "Removing image \(reference)")
    }

    /// The container, or nil when the engine does not have it.
    package func container(_ name: String) async throws(Fault) -> EngineContainer? {
        let doing = "Inspecting container \(name.prefix(40))"
        let answer = try await calls.call(.GET, "/containers/\(name)/json", accepting: [200, 404], doing: doing)
        return answer.code == 404 ? nil : try decode(EngineContainer.self, answer, doing)
    }

    /// All flight containers, running or not.
    package func flightContainers() async throws(Fault) -> [EngineContainer] {
        struct Entry: Decodable {
            var id: String

            private enum CodingKeys: String, CodingKey { case id = "Id" }
        }
        let doing = "Listing flight containers"
        let answer = try await calls.call(
            .GET, "/containers/json",
            query: ["all": "1", "filters": #"{"label":["\#(ContainerLabel.role)=\#(ContainerLabel.flight)"]}"#],
            accepting: [200], doing: doing)
        var containers: [EngineContainer] = []
        for entry in try decode([Entry].self, answer, doing) {
            if let container = try await container(entry.id) { containers.append(container) }
        }
        return containers
    }

    /// Waits until the container has ended, and gives its exit code; nil when it still runs after `seconds`.
    package func wait(_ container: String, seconds: Int64) async throws(Fault) -> Int? {
        struct Ended: Decodable {
            var code: Int

            private enum CodingKeys: String, CodingKey { case code = "StatusCode" }
        }
        let doing = "Waiting for container \(container.prefix(40))"
        do throws(Fault) {
            let answer = try await calls.call(
                .POST, "/containers/\(container)/wait", accepting: [200], doing: doing, limit: .seconds(seconds))
            return try decode(Ended.self, answer, doing).code
        } catch {
            guard let held = try await self.container(container) else { return nil }
            return held.state.isRunning ? nil : held.state.exitCode
        }
    }

    /// The last lines that the container wrote, for a person; empty when there are none.
    package func lastWords(_ container: String) async -> String {
        let answer = try? await calls.call(
            .GET, "/containers/\(container)/logs", query: ["stdout": "1", "stderr": "1", "tail": "3"],
            accepting: [200], doing: "Reading the log of container \(container.prefix(40))")
        return answer.map { oneLine(String(decoding: demultiplexed($0.body).prefix(400), as: UTF8.self)) } ?? ""
    }

    /// The bytes of a log stream without its 8-byte frame headers (stream, three zeros, big-endian length).
    private func demultiplexed(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while rest.count >= 8 {
            let length = rest.dropFirst(4).prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(8)
            result += rest.prefix(length)
            rest = rest.dropFirst(length)
        }
        return result
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type, _ answer: EngineCalls.Answer, _ doing: String
    ) throws(Fault) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(answer.body))
        } catch {
            throw Fault("\(doing): the engine's answer is not understood (\(decodingReason(error))).")
        }
    }
}
