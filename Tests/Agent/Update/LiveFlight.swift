import Agent
import Bench
import CContract
import CPlatform
import Contract
import FlightLog
import Foundation
import Simulator
import Testing

/// A simulated world, a real core and a real agent, each a process of its own, on the bench's engine and registry.
final class LiveFlight {
    static let missing: Comment =
        "needs DRONEAGENT_TEST_ENGINE, DRONEAGENT_TEST_REGISTRY and DRONEAGENT_TEST_BIN; Board/bench test sets them"
    static let programs = ProcessInfo.processInfo.environment["DRONEAGENT_TEST_BIN"]
    static var isPossible: Bool { programs != nil && LiveEngine.shared != nil }

    let live: LiveEngine
    let registry: LiveRegistry
    let folder = TestFolder()
    let directories: Directories
    let core: CoreClient
    /// A camera looks at the simulated scene; what is streamed from it.
    var hasCamera = false
    var scene: String { folder.path + "/scene.sock" }
    private var sceneServer: Process?
    private var world: Process?
    private var flightcore: Process?
    private(set) var agent: Process?

    init() throws {
        live = try #require(LiveEngine.shared)
        registry = LiveRegistry(address: live.registry)
        directories = Directories(run: folder.path + "/run", state: folder.path + "/state")
        core = CoreClient(path: directories.coreSocket)
        for path in ["/run", "/state", "/world"] {
            try FileManager.default.createDirectory(atPath: folder.path + path, withIntermediateDirectories: true)
        }
    }

    /// World, core and agent up.
    func begin() async throws {
        let board = try BoardFile.compile(try BoardFileTests.shipped("bench.yaml"), name: "bench.yaml")
        let compiled = directories.state + "/board.bin"
        try Data(board.binary).write(to: URL(fileURLWithPath: compiled))
        let bus = directories.run + "/bus.sock"
        world = try launch(
            "flightbench", ["world", "--board", compiled, "--socket", bus, "--folder", folder.path + "/world"])
        try await until("the world serves its bus") { FileManager.default.fileExists(atPath: bus) }
        if hasCamera {
            let truth = folder.path + "/world/" + BridgeServer.truthLogName
            sceneServer = try launch("flightbench", ["scene", "--truth", truth, "--socket", scene])
            try await until("the scene is served") { FileManager.default.fileExists(atPath: scene) }
        }
        try await startCore()
        try await startAgent()
    }

    private func startCore() async throws {
        let compiled = directories.state + "/board.bin"
        flightcore = try launch(
            "flightcore", ["--supervise", "--board", compiled, "--record", directories.flights] + places)
        try await until("the core ticks") { (try? self.core.status().tick) ?? 0 > 0 }
    }

    /// The supervisor is killed, its core makes room on the ground, and systemd, here the test, starts the next.
    func replaceCore() async throws {
        let former = try #require(corePid)
        let supervisor = try #require(flightcore)
        kill(supervisor.processIdentifier, SIGKILL)
        try await until("supervisor and core are gone") { !supervisor.isRunning && kill(former, 0) != 0 }
        try await startCore()
    }

    private var places: [String] { ["--run", directories.run, "--state", directories.state] }

    /// What the core has recorded of the flight so far.
    func logged() throws -> LogVerdict {
        var judge = LogJudge()
        judge.read([UInt8](try Data(contentsOf: URL(filePath: directories.flights + "flight-00001.ulg"))))
        return judge.finish()
    }

    func launchAgent(engine: String? = nil) throws {
        agent = try launch(
            "droneagent",
            ["serve", "--engine", engine ?? live.socket] + (hasCamera ? ["--camera", scene] : []) + places)
    }

    func startAgent(engine: String? = nil) async throws {
        try launchAgent(engine: engine)
        let client = AgentClient(path: directories.agentSocket)
        try await until("the agent answers") { (try? await client.ask(AgentRequest(.status)) { _ in }) != nil }
    }

    /// As a crash: nothing of it runs on.
    func killAgent() async throws {
        guard let agent else { return }
        kill(agent.processIdentifier, SIGKILL)
        try await until("the agent is gone") { !agent.isRunning }
        self.agent = nil
    }

    /// ns: of the CPU on which the flight runs, by the world's heartbeat; 0: none so far.
    func longestStall(since: UInt64) -> UInt64 {
        let path = folder.path + "/world/" + BridgeServer.stallLogName
        let stalls = (try? RecordFile.read(path) as [StallRecord]) ?? []
        return stalls.filter { $0.start > since && $0.cpu == da_cpu_count() - 1 }.map { $0.end - $0.start }.max() ?? 0
    }

    /// All of it is gone at once, with what was in /run; the engine and its store come back with the machine.
    func losePower() async throws {
        try await killAgent()
        // The supervisor first: it would start another core, which outlives it.
        let core = corePid
        for process in [flightcore, world].compactMap({ $0 }) { kill(process.processIdentifier, SIGKILL) }
        if let core { kill(core, SIGKILL) }
        try await until("core and world are gone") {
            flightcore?.isRunning != true && world?.isRunning != true
        }
        let connections = Connections()
        let engine = try await Engine(socket: live.socket, connections)
        for name in containers { try? await engine.kill(ContainerPlan.name(of: name)) }
        await connections.shutdown()
        for path in ["/run", "/world"] {
            try FileManager.default.removeItem(atPath: folder.path + path)
            try FileManager.default.createDirectory(atPath: folder.path + path, withIntermediateDirectories: true)
        }
    }

    /// The core, as its supervisor's child; nil: there is none just now.
    var corePid: Int32? {
        guard let pid = flightcore?.processIdentifier else { return nil }
        let children = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return children.flatMap { Int32($0.split(separator: " ").first ?? "") }
    }

    /// As a crash; its supervisor starts it again.
    func killCore() {
        if let core = corePid { kill(core, SIGKILL) }
    }

    /// Ends the processes and removes the containers; call it, whatever happened.
    func end() async {
        for process in [agent, flightcore, world, sceneServer].compactMap({ $0 }) where process.isRunning {
            process.terminate()
            for _ in 0..<100 where process.isRunning { try? await Task.sleep(for: .milliseconds(50)) }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        let connections = Connections()
        if let engine = try? await Engine(socket: live.socket, connections) {
            for name in containers + [CameraKeeping.instance] {
                try? await engine.remove(ContainerPlan.name(of: name))
            }
        }
        await connections.shutdown()
    }

    private var containers: [String] {
        ((try? Journal(path: directories.journal).instances()) ?? []).map(\.name)
    }

    private func launch(_ program: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.programs) + "/" + program)
        process.arguments = arguments
        let log = folder.path + "/\(program).log"
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let handle = try #require(FileHandle(forWritingAtPath: log))
        handle.seekToEndOfFile()
        process.standardError = handle
        process.standardOutput = handle
        try process.run()
        return process
    }

    /// Waits for what must come, 30 s at most.
    func until(_ what: String, _ isSo: () async -> Bool) async throws {
        for _ in 0..<600 {
            if await isSo() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Fault("It did not come to pass within 30 s: \(what). \(log("droneagent"))")
    }

    func log(_ program: String) -> String {
        let text = (try? String(contentsOfFile: folder.path + "/\(program).log", encoding: .utf8)) ?? ""
        return String(text.suffix(2000))
    }

    // MARK: Questions

    func ask(_ request: AgentRequest, _ progress: (AgentLine) -> Void = { _ in }) async throws -> AgentLine {
        try await AgentClient(path: directories.agentSocket).ask(request, progress: progress)
    }

    func update(_ reference: String, again: Bool = false, dryRun: Bool = false) async throws -> AgentLine {
        try await ask(AgentRequest(.update, reference: reference, dryRun: dryRun, again: again))
    }

    /// The same, once the agent is done with what a former one left, or a former core: until then it refuses.
    func updateBehindRecovery(_ reference: String, again: Bool = false) async throws -> AgentLine {
        var line = try await update(reference, again: again)
        try await until("the agent has taken up what was under way") {
            let isBusy = ["takes up what was under way", "is being started"].contains { line.text.contains($0) }
            guard line.outcome == .refused, isBusy else { return true }
            if let next = try? await update(reference, again: again) { line = next }
            return false
        }
        return line
    }

    func owner() throws -> String { try core.status().owner.map { text($0.name) } ?? "" }

    func phase() async throws -> String? { try await ask(AgentRequest(.status)).status?.phase }

    /// An update that runs beside the test.
    func updating(_ reference: String, again: Bool = false) -> Task<AgentLine, any Error> {
        let client = AgentClient(path: directories.agentSocket)
        return Task { try await client.ask(AgentRequest(.update, reference: reference, again: again)) { _ in } }
    }
}
