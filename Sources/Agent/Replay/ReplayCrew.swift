package import CContract
internal import Contract
internal import FoundationEssentials
internal import Glibc
internal import Handover

/// The containers of a replay: made and bounded as a candidate's in flight, served by the replay in place of a core. It
/// needs an engine and no agent, no core and no vehicle.
package struct ReplayCrew: Sendable {
    /// Names of its instances begin so; behind it stands the process's id.
    private static let prefix = "replay-"

    private let engineSocket: String
    private let folder: String
    private let policy = HandoverPolicy()

    /// - Parameters:
    ///   - engineSocket: of the engine that runs them.
    ///   - folder: where the containers' directories are made; nil: in the one for temporary files.
    package init(engineSocket: String, folder: String? = nil) {
        self.engineSocket = engineSocket
        let base = folder ?? FileManager.default.temporaryDirectory.path
        self.folder = "\(base)/\(Self.prefix)\(getpid())"
    }

    /// Starts the containers, lets `work` give them samples on a thread of its own, and removes them, whatever happens.
    ///
    /// - Parameters:
    ///   - image: the candidate's, whole: host:port/repository:tag.
    ///   - owner: of what flew then, whose state the candidate stands on; nil: it stands on its own.
    ///   - welcome: the flight's.
    ///   - progress: hears a sentence for each step.
    ///   - work: gives the samples.
    /// - Returns: what `work` gives.
    /// - Throws: `Fault` when one cannot be started, ends, or does not do its part; what `work` throws.
    package func fly<Value: Sendable>(
        _ image: String, owner: String?, welcome: da_welcome, progress: @escaping @Sendable (String) -> Void,
        _ work: @escaping @Sendable (ReplayExchange) throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        let connections = Connections()
        let result: Result<Value, Fault>
        do {
            let engine = try await Engine(socket: engineSocket, connections)
            let registry = RegistryClient(connections)
            let candidate = try await fetch(try Reference(image, running: nil), engine, registry, progress)
            var flown: ResolvedImage?
            if let owner { flown = try await fetch(try Reference(owner, running: nil), engine, registry, progress) }
            try await removeOrphans(engine)
            let queue = try HandoverQueue()
            result = await perform(engine, queue, candidate, flown, welcome, progress, work)
            queue.shutdown()
        } catch {
            result = .failure(Fault(error, while: "The replay"))
        }
        await connections.shutdown()
        return try result.get()
    }

    private func perform<Value: Sendable>(
        _ engine: Engine, _ queue: HandoverQueue, _ candidate: ResolvedImage, _ flown: ResolvedImage?,
        _ welcome: da_welcome, _ progress: @escaping @Sendable (String) -> Void,
        _ work: @escaping @Sendable (ReplayExchange) throws(Fault) -> Value
    ) async -> Result<Value, Fault> {
        let names = (candidate: "\(Self.prefix)\(getpid())", owner: "\(Self.prefix)\(getpid())-owner")
        let result: Result<Value, Fault>
        do {
            let stage = try openStage(names.candidate, "The new version")
            let ownerStage = flown == nil ? nil : try openStage(names.owner, "The version that flew")
            let relay = ReplayRelay(queue, owner: names.owner, candidate: names.candidate)
            let carrying = Task { await relay.run() }
            defer { carrying.cancel() }
            let value: Value = try await withTaskCancellationHandler {
                progress("Starting \(candidate.named)\(flown.map { " beside \($0.named)" } ?? "").")
                if let flown { try await start(names.owner, flown, engine, queue) }
                try await start(names.candidate, candidate, engine, queue)
                try await onThread("replay") { () throws(Fault) in
                    try ownerStage?.welcome(welcome)
                    try stage.welcome(welcome)
                }
                let owner = ownerStage.map { ReplayExchange.Owner(stage: $0, relay: relay) }
                if owner != nil { try await relay.begin(policy) }
                let exchange = ReplayExchange(
                    stage, owner: owner, tickRate: welcome.tick_rate, interval: policy.cutInterval)
                return try await onThread("replay") { () throws(Fault) in try work(exchange) }
            } onCancel: {
                stage.end()
                ownerStage?.end()
            }
            result = .success(value)
        } catch {
            result = .failure(await explained(Fault(error, while: "The replay"), engine, names.candidate, names.owner))
        }
        // Not cut short by a cancellation: what was begun is taken down.
        await Task { await takeDown([names.candidate, names.owner], engine) }.value
        return result
    }

    // MARK: Containers

    private func directory(_ name: String) -> String { "\(folder)/\(name)" }

    private func openStage(_ name: String, _ who: String) throws(Fault) -> RehearsalStage {
        do {
            try FileManager.default.createDirectory(
                atPath: directory(name), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Fault(
                "The folder \(directory(name)) cannot be made (\(fileReason(error))); name another with --folder."
            )
        }
        return try RehearsalStage(directory: directory(name), for: .replay, who: who)
    }

    /// Pulls what the engine does not have.
    private func fetch(
        _ reference: Reference, _ engine: Engine, _ registry: RegistryClient, _ progress: @Sendable (String) -> Void
    ) async throws(Fault) -> ResolvedImage {
        let image = try await registry.resolve(reference)
        if let held = try await engine.image(image.pullReference), held.isSame(as: image) { return image }
        progress("Pulling \(image.named).")
        try await engine.pull(image) { _ in }
        return image
    }

    private func start(
        _ name: String, _ image: ResolvedImage, _ engine: Engine, _ queue: HandoverQueue
    ) async throws {
        try await queue.open(instance: name, path: "\(directory(name))/\(DA_QUEUE_SOCKET)")
        let plan = ContainerPlan(
            instance: name, image: image.pullReference, directory: directory(name), cpus: ContainerPlan.candidateCpus)
        // Not cut short by a cancellation: the engine would go on making what nobody removes.
        let made = try await Task { try await engine.create(plan) }.value
        try Task.checkCancellation()
        try await engine.start(made.id)
    }

    /// With the last words of a container that has ended.
    private func explained(_ fault: Fault, _ engine: Engine, _ names: String...) async -> Fault {
        for name in names {
            let container = ContainerPlan.name(of: name)
            guard let held = try? await engine.container(container), !held.state.isRunning else { continue }
            let words = await engine.lastWords(container)
            return Fault("\(fault.sentence) Exit code \(held.state.exitCode)\(words.isEmpty ? "." : ": \(words)")")
        }
        return fault
    }

    private func takeDown(_ names: [String], _ engine: Engine) async {
        for name in names {
            // Killed, not asked: nothing of it is worth a second's wait.
            try? await engine.kill(ContainerPlan.name(of: name))
            try? await engine.remove(ContainerPlan.name(of: name))
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Removes the containers of a replay that was killed: they would wait for their samples for ever.
    private func removeOrphans(_ engine: Engine) async throws(Fault) {
        for container in try await engine.flightContainers() {
            guard let instance = container.instance, instance.hasPrefix(Self.prefix),
                let pid = instance.dropFirst(Self.prefix.count).split(separator: "-").first.flatMap({ Int32($0) }),
                Glibc.kill(pid, 0) != 0, errno == ESRCH
            else { continue }
            try await engine.remove(container.id)
        }
    }
}
