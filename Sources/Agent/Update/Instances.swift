internal import CContract
internal import CPlatform
internal import Contract
internal import FoundationEssentials
internal import Handover
internal import Logging

/// Starting and stopping the containers that fly.
extension FlightAgent {
    /// Instances whose directory (their command log in it) is kept after their end.
    private static let directoriesKept = 4
    /// s for a container to connect to its tick socket and settle.
    private static let settleLimit = 20.0
    /// ns between two looks.
    private static let pause = Duration.milliseconds(20)

    /// The first container: pulled, started, and owner on the ground.
    func start(_ text: String, _ progress: @escaping @Sendable (AgentLine) -> Void) async -> AgentLine {
        do {
            let status = try core.status()
            guard status.owner == nil else {
                throw Fault("A flight container owns the motors already; use 'droneagent update'.")
            }
            let reference = try Reference(text, running: nil)
            let image = try await registry.resolve(reference)
            try await fetch(image, progress) { _ in }
            let name = try await launch(image, progress)
            return .result(.done, "\(image.reference) flies as \(name).")
        } catch {
            return .result(.refused, Fault(error, while: "Starting \(text)").sentence)
        }
    }

    /// Starts a container of an image that the engine has, and lets it own the motors, on the ground; that commits it.
    ///
    /// - Returns: the instance's name.
    func launch(_ image: ResolvedImage, _ progress: @Sendable (AgentLine) -> Void) async throws -> String {
        let name = try freeName()
        progress(.progress("starting", "Starting \(image.name) \(image.version) as \(name)."))
        try await startInstance(name, image, role: .owner)
        do { try await handOver(to: name, image) } catch {
            await stopInstance(name)
            throw error
        }
        return name
    }

    /// Lets a container own the motors, on the ground, once it has settled.
    func handOver(to name: String, _ image: ResolvedImage) async throws {
        try await settled(name)
        try core.perform(.operation(.grant, name: name))
        raise(name, .proven)
        try journal.commit(image, time: Date().timeIntervalSince1970)
    }

    private func settled(_ name: String) async throws {
        let end = da_now() + UInt64(Self.settleLimit * 1e9)
        var isRaised = false
        while true {
            let instance = try core.status().instance(named: name)
            if instance?.settled == 1 { return }
            // It must answer sample after sample to settle, whatever else the machine does.
            if !isRaised, let instance, instance.pid > 0 {
                raise(name, .candidate)
                isRaised = true
            }
            guard da_now() < end else {
                throw Fault(
                    "The container of \(name) did not connect to its tick socket and settle within \(Int(Self.settleLimit)) s; look at its log."
                )
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// flight-1, flight-2, …: a name that no other instance has. It goes on behind the highest that is known, for logs
    /// tell instances apart by name: one that was removed a minute ago must not seem to fly again.
    func freeName() throws(Fault) -> String {
        let files = FileManager.default
        let folders = (try? files.contentsOfDirectory(atPath: directories.run + "/instances")) ?? []
        let known = Set(try journal.instances().map(\.name) + folders)
        let last = ([try journal.lastUpdate()?.candidate] + known).compactMap { $0.flatMap(Self.number) }.max() ?? 0
        for step in 1...Self.numberMax {
            let name = Self.prefix + "\((last + step - 1) % Self.numberMax + 1)"
            if !known.contains(name) { return name }
        }
        throw Fault("All names up to \(Self.prefix)\(Self.numberMax) are taken; empty \(directories.run)/instances.")
    }
    private static let prefix = "flight-"
    private static let numberMax = 9999

    private static func number(_ name: String) -> Int? {
        name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
    }

    /// Directory, tick socket, queue, container: everything or, on a failure, nothing. The core serves the tick socket,
    /// but for a rehearsal (`isServed` false).
    func startInstance(_ name: String, _ image: ResolvedImage, role: FlightRole, isServed: Bool = true) async throws {
        let directory = directories.instance(name)
        prune()
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try journal.save(InstanceRecord(name: name, image: image, role: role, container: nil))
        do {
            if isServed { try core.perform(.operation(.attach, name: name, directory: directory)) }
            try await queue.open(instance: name, path: directories.queueSocket(name))
            let engine = try await engine()
            let plan = ContainerPlan(
                instance: name, image: image.pullReference, directory: directory,
                cpus: role == .owner ? ContainerPlan.cpus : ContainerPlan.candidateCpus)
            // One of the same name can only be a leftover of a former run folder.
            try await engine.remove(plan.containerName)
            // Not cut short by a cancellation: the engine would go on making what nobody removes.
            let made = try await Task { try await engine.create(plan) }.value
            for warning in made.warnings { logger.warning("engine", metadata: ["says": "\(warning)"]) }
            try journal.save(InstanceRecord(name: name, image: image, role: role, container: made.id))
            try Task.checkCancellation()
            try await engine.start(made.id)
            watch(made.id, of: name)
        } catch {
            await stopInstance(name)
            throw error
        }
    }

    /// Says when the container ends by itself.
    private func watch(_ container: String, of name: String) {
        Task {
            while let engine = try? await engine() {
                let code = try? await engine.wait(container, seconds: 60)
                if let code {
                    let words = await engine.lastWords(container)
                    let isTooLarge = (try? await engine.container(container))?.state.outOfMemory == true
                    let why = isTooLarge ? ", it took more than its \(ContainerPlan.memory >> 20) MB of memory" : ""
                    feed(.exited(instance: name, "exit code \(code)\(why)\(words.isEmpty ? "" : ": \(words)")"))
                    return
                }
                guard (try? journal.instance(name)) != nil else { return }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Real-time priority for the control thread; says in one line when it is not to be had.
    func raise(_ name: String, _ priority: ControlThread.Priority) {
        guard let instance = try? core.status().instance(named: name), instance.pid > 0 else { return }
        if let why = priorities.set(pid: instance.pid, priority) {
            logger.warning("priority", metadata: ["instance": "\(name)", "why": "\(why)"])
        }
    }

    /// Pulls what the engine does not have; `missing` hears first how many bytes that is.
    func fetch(
        _ image: ResolvedImage, _ progress: @escaping @Sendable (AgentLine) -> Void, missing: (Int) -> Void
    ) async throws {
        let engine = try await engine()
        if let held = try await engine.image(image.pullReference), held.isSame(as: image) { return missing(0) }
        var stacks: [[String]] = []
        for instance in try journal.instances() {
            let name = try Reference(instance.reference, running: nil).at(instance.manifest)
            if let held = try await engine.image("\(name)") { stacks.append(held.diffs) }
        }
        let bytes = image.bytesMissing(stacks: stacks)
        missing(bytes)
        // Layers that are there count as done in the engine's sum; a person waits for the others.
        let present = image.bytes - bytes
        @Sendable func line(_ done: Int) -> AgentLine {
            .progress(
                "pulling", "Pulling \(image.reference).", done: UInt64(max(0, done)), total: UInt64(bytes),
                unit: "bytes")
        }
        progress(line(0))
        try await engine.pull(image) { pulled in progress(line(pulled.bytesDone - present)) }
    }

    /// Ends the container, unless it owns the motors or may own them, and forgets the instance. What could not be ended
    /// stays in the journal, for `clearUp`.
    ///
    /// - Returns: whether it was ended.
    @discardableResult
    package func stopInstance(_ name: String) async -> Bool {
        // Invariant 10: no container is stopped that flies. Without the core's word it may.
        guard Ending.mayStop(name, coreWord()) else {
            logger.error("refusing to stop what owns the motors, or may", metadata: ["instance": "\(name)"])
            return false
        }
        queue.send(.retire, to: name)
        do {
            let engine = try await engine()
            try await engine.stop(ContainerPlan.name(of: name))
            try await engine.remove(ContainerPlan.name(of: name))
        } catch {
            logger.error("container not removed", metadata: ["instance": "\(name)", "why": "\(error.sentence)"])
            return false
        }
        do { try core.perform(.operation(.detach, name: name)) } catch {
            // Unknown to the core is as good as detached; else it would keep one of the core's few slots for ever.
            guard let status = try? core.status(), status.instance(named: name) == nil else {
                logger.error("not detached", metadata: ["instance": "\(name)", "why": "\(error)"])
                return false
            }
        }
        queue.close(instance: name)
        (offers[name], needs[name], cuts[name]) = (nil, nil, nil)
        do { try journal.forget(instance: name) } catch { logger.error("journal", metadata: ["why": "\(error)"]) }
        return true
    }

    /// Removes the oldest directories of ended instances: their logs would fill the memory that /run is.
    private func prune() {
        let files = FileManager.default
        let folder = directories.run + "/instances"
        let known = Set(((try? journal.instances()) ?? []).map(\.name))
        let ended = ((try? files.contentsOfDirectory(atPath: folder)) ?? []).filter { !known.contains($0) }
        func made(_ name: String) -> Date {
            (try? files.attributesOfItem(atPath: "\(folder)/\(name)")[.modificationDate] as? Date) ?? .distantPast
        }
        for name in ended.sorted(by: { made($0) < made($1) }).dropLast(Self.directoriesKept) {
            try? files.removeItem(atPath: "\(folder)/\(name)")
        }
    }
}
