internal import CContract
internal import CPlatform
internal import Contract
internal import FoundationEssentials
package import Handover
package import Logging

/// Ring 2: starts and stops flight containers, runs the handover, answers the command line.
///
/// An actor on a thread of its own, because journal and core are waited for; engine and registry are not: while
/// one of their calls is under way, other events are taken. If it dies, the flight goes on; restarted, it takes
/// up what it finds (`recover`).
package actor FlightAgent {
    let directories: Directories
    let engineSocket: String
    let policy: HandoverPolicy
    let logger: Logger
    let connections = Connections()
    let registry: RegistryClient
    let journal: Journal
    private let lock: AgentLock
    let core: CoreClient
    let queue: HandoverQueue
    let priorities = ControlThread()
    private var engineFound: Engine?
    /// The update under way.
    var run: UpdateRun?
    /// How the last one went.
    var lastRun: UpdateReport?
    /// The step of the update that takes its time.
    var step: Task<Void, Never>?
    /// What is at work beside an update and keeps one from beginning; nil: nothing.
    var isBusy: String?
    /// Whether an update waits at the gate, and has not been called off.
    var isWaiting = false
    let host: HostReader
    /// Where the engine keeps images; nil: it has not said yet.
    var imageFolder: String?
    /// What containers said of themselves on their queues.
    var offers: [String: [ChannelOffer]] = [:]
    var needs: [String: [ChannelNeed]] = [:]
    /// The last cut of each owner, until it is forwarded.
    var cuts: [String: StateCut] = [:]
    /// Instance that rehearses and gets the owner's state; nil: none.
    var rehearsal: String?
    /// Bytes a second of channels in blocks, as the last update with many of them took; nil: there was none.
    var blockRate: Double?
    var camera: CameraState
    /// The owner's share of channels in blocks that is being handed on; one at a time, whatever their size.
    var share: BlockPiece?

    private nonisolated let executor = BlockingExecutor(label: "droneagent")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// `camera`: what the committed version's camera process streams from; nil: nothing.
    ///
    /// - Throws: `Fault` when the journal cannot be opened or the machine has no descriptors left.
    package init(
        directories: Directories, engineSocket: String, camera: String? = nil,
        policy: HandoverPolicy = HandoverPolicy(), host: HostReader = HostReader(), logger: Logger
    ) throws(Fault) {
        self.host = host
        self.camera = CameraState(path: camera)
        self.directories = directories
        self.engineSocket = engineSocket
        self.policy = policy
        self.logger = logger
        registry = RegistryClient(connections)
        do {
            for folder in [directories.run + "/instances", directories.state] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        } catch {
            throw Fault(
                "The folders \(directories.run) and \(directories.state) cannot be made (\(fileReason(error))); choose others with --run and --state."
            )
        }
        lock = try AgentLock(path: directories.state + "/agent.lock")
        journal = try Journal(path: directories.journal)
        core = CoreClient(path: directories.coreSocket)
        queue = try HandoverQueue()
    }

    /// The engine, found anew after it was away.
    func engine() async throws(Fault) -> Engine {
        if let engineFound { return engineFound }
        let found = try await Engine(socket: engineSocket, connections)
        engineFound = found
        return found
    }

    // MARK: Requests

    /// Carries out one request of the command line.
    package func handle(_ request: AgentRequest, _ progress: @escaping @Sendable (AgentLine) -> Void) async -> AgentLine
    {
        switch request.verb {
        case .status: return await status()
        case .start: return await exclusively { await self.start(request.reference ?? "", progress) }
        case .update: return await update(request, progress)
        case .rollback: return await rollback(progress)
        }
    }

    private func exclusively(_ work: () async -> AgentLine) async -> AgentLine {
        guard isBusy == nil, run == nil else { return .result(.refused, busySentence) }
        isBusy = "A container is being started"
        defer { isBusy = nil }
        return await work()
    }

    var busySentence: String {
        let what = isBusy ?? "An update is under way (\(run?.machine.phase.rawValue ?? "ending"))"
        return "\(what); wait for its end\(run == nil ? "" : " or call it off with 'droneagent rollback'")."
    }

    /// Calls the update off that is under way. Without one the core may be in a probation; without that it is an
    /// ordinary update, to the version before the committed one.
    private func rollback(_ progress: @escaping @Sendable (AgentLine) -> Void) async -> AgentLine {
        if isWaiting {
            isWaiting = false
            return .result(.done, "The update that waits is called off; its own command says how it ends.")
        }
        guard let run else {
            do { try core.perform(.operation(.rollback)) } catch {
                return await goBack(progress, orElse: "\(error)")
            }
            return .result(.done, "The core gives control back to the old version at the next tick.")
        }
        let phase = run.machine.phase.rawValue
        feed(.rollbackRequested)
        return .result(.done, "The update in phase \(phase) is called off; its own command says how it ends.")
    }

    private func goBack(
        _ progress: @escaping @Sendable (AgentLine) -> Void, orElse why: String
    ) async -> AgentLine {
        do {
            guard let previous = try journal.committed().previous else {
                throw Fault(
                    "No update is under way, and no version was committed before this one, so there is nothing to roll back to; 'droneagent update REF' goes to any version. \(why)"
                )
            }
            var request = AgentRequest(.update, reference: previous.reference)
            // Who wants to go back has a reason that outweighs the gate's.
            request.now = true
            return await update(request, to: previous, progress)
        } catch { return .result(.refused, Fault(error, while: "The way back").sentence) }
    }

    private func status() async -> AgentLine {
        var report = StatusReport()
        do { report.core = CoreReport(try core.status()) } catch { report.coreFault = "\(error)" }
        do { report.engine = "\(try await engine().version)" } catch { report.engineFault = error.sentence }
        report.phase = run?.machine.phase.rawValue
        report.update = run?.news.report
        report.ended = lastRun
        report.camera = camera.state
        if let last = try? journal.lastUpdate(), let outcome = last.outcome {
            report.lastUpdate = "\(last.reference): \(outcome)\(last.reason.map { " (\($0))" } ?? "")"
        }
        let committed = try? journal.committed()
        report.committed = committed?.current?.named
        report.previous = committed?.previous?.named
        for instance in (try? journal.instances()) ?? [] {
            let held = report.engine == nil ? nil : try? await engine().container(ContainerPlan.name(of: instance.name))
            report.instances.append(
                StatusReport.Instance(
                    name: instance.name, role: instance.role, image: instance.reference,
                    manifest: "\(instance.manifest)", container: held?.state.status))
        }
        var line = AgentLine.result(.done, "Status of the drone.")
        line.status = report
        return line
    }

    // MARK: The queue

    /// Takes what containers say, until the queue is shut down.
    package func listen() async {
        for await event in queue.events {
            switch event {
            case .message(let message, _, let instance): hear(message, from: instance)
            case .malformed(let why, let instance, let count):
                logger.warning(
                    "malformed message", metadata: ["instance": "\(instance)", "why": "\(why)", "count": "\(count)"])
            }
        }
    }

    private func hear(_ message: QueueMessage, from instance: String) {
        switch message {
        case .introduce(let name, let version):
            logger.debug(
                "introduced", metadata: ["instance": "\(instance)", "name": "\(name)", "version": "\(version)"])
        case .offer(let list):
            offers[instance] = list
            if instance == run?.request.owner { feed(.offered(list)) }
        case .need(let list):
            needs[instance] = list
            if instance == run?.request.candidate { feed(.needed(list)) }
        case .cut(let cut):
            guard instance == run?.request.owner else { return }
            if let rehearsal {
                queue.send(.cut(cut), to: rehearsal)
                queue.send(.acknowledge(tick: cut.tick), to: instance)
                return
            }
            cuts[instance] = cut
            feed(.cutArrived(tick: cut.tick, bytes: cut.stateBytes))
        case .acknowledge(let tick): if instance == run?.request.candidate { feed(.applied(tick: tick)) }
        case .ready(let tick): if instance == run?.request.candidate { feed(.candidateReady(tick: tick)) }
        case .blocks(let piece):
            guard instance == run?.request.owner else { return }
            if let rehearsal {
                queue.send(.blocks(piece), to: rehearsal)
                return
            }
            share = piece
            feed(.blocksArrived(bytes: piece.stateBytes))
            share = nil
        case .taken(let piece):
            if instance == rehearsal, let owner = run?.request.owner { queue.send(.taken(piece: piece), to: owner) }
            if instance == run?.request.candidate { feed(.blocksTaken(piece: piece)) }
        case .stream, .retire: break
        }
    }
}
