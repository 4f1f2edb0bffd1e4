import CContract
import CPlatform
import Contract
import FlightCore
import FoundationEssentials
import Simulator

/// One real flight in which the flight container is replaced in one way: world, core, containers, pilot.
final class PeerFlight {
    /// s: longest waits for an image, and for the landing.
    private static let pullLimit = 120.0
    private static let landingLimit = 30.0
    /// s between two looks whether it fell, and to go on when it did.
    private static let look = 0.5
    private static let aftermath = 1.0

    private let options: PeersOptions
    private let stage: Stage
    private let script: ScriptedPilot
    private let containers: Containers
    private let board = BenchBoard.make()
    private var outcome: PeerOutcome
    private var priorities = Priorities()
    private var replacement: Child?
    private var askedAt: UInt64 = 0
    private var crashedAt: Double?
    private var lookedAt = 0.0
    private var last = da_status()

    /// - Throws: `BenchFault` when its folders cannot be made.
    init(_ peer: Peer, _ core: Peer.Core, _ options: PeersOptions) throws(BenchFault) {
        outcome = PeerOutcome(peer, core)
        outcome.folder = "peers/\(peer.rawValue)-\(core.rawValue)"
        var own = options
        own.out = options.out + "/" + outcome.folder
        self.options = own
        stage = try Stage(own.stage, board: board)
        script = ScriptedPilot(manoeuvreSeconds: options.manoeuvreSeconds)
        containers = Containers(
            engine: options.engine, registry: options.registry, instances: stage.run + "/instances")
    }

    /// - Throws: `BenchFault` when it could not be flown to its end.
    func fly() throws(BenchFault) -> PeerOutcome {
        try shell("remove", containers.remove)
        try shell("pull", containers.pull)
        defer { try? shell("remove", containers.remove) }
        defer { stage.stop() }
        try stage.startWorld()
        try stage.startCore(program: outcome.core.program, record: options.out + "/flight.ulg")
        if outcome.peer == .update { try startAgent() } else { try startContainers() }
        let pilot = try LivePilot(stage.core, script)
        let began = da_now()
        try pilot.fly { seconds, status throws(BenchFault) in
            last = status
            try follow(seconds, status)
            return goesOn(seconds, status)
        }
        if let replacement {
            try stage.wait("'\(outcome.peer.rawValue)' to end", Self.landingLimit) { !replacement.isRunning }
        }
        noteState()
        noteEnd()
        stage.stop()
        try judge(began)
        return outcome
    }

    // MARK: Parts

    private func shell(_ name: String, _ line: String) throws(BenchFault) {
        let child = try Child(name, "/bin/sh", ["-c", line], log: options.out + "/\(name).log")
        try stage.wait("'\(line)'", Self.pullLimit) { !child.isRunning }
        guard child.exitCode == 0 else { throw BenchFault("'\(line)' failed: \(child.output.suffix(400))") }
    }

    private func startAgent() throws(BenchFault) {
        let agent = try stage.start("agent", "droneagent", ["serve", "--engine", options.engine] + folders)
        try stage.wait("the agent", of: agent) {
            FileManager.default.fileExists(atPath: options.run + "/agent.sock")
        }
        let first = try stage.start("start", "droneagent", ["start", "\(options.registry)/flight:v1"] + folders)
        try stage.wait("v1's container", Self.pullLimit) { !first.isRunning }
        guard first.exitCode == 0 else { throw BenchFault("v1 did not start: \(first.output)") }
    }

    private var folders: [String] { ["--run", stage.run, "--state", stage.state] }

    /// Both are served from the start; the new one is made when it replaces the old.
    private func startContainers() throws(BenchFault) {
        let control = try CoreControl(stage.core)
        for container in [containers.old, containers.new] {
            _ = try stage.makeInstanceFolder(container.name)
            let reply = try control.ask(.attach, name: container.name, path: container.directory)
            guard reply.refused == 0 else {
                throw BenchFault("The core refused \(container.name): \(text(reply.text))")
            }
        }
        try shell("v1", containers.run(containers.old))
        try stage.grant(containers.old.name)
    }

    // MARK: Flight

    private func follow(_ seconds: Double, _ status: da_status) throws(BenchFault) {
        if outcome.peer != .update {
            for instance in status.connected { try priorities.raise(instance.pid) }
        }
        if askedAt == 0, seconds >= script.manoeuvresBegin + options.replaceAt {
            askedAt = da_now()
            if outcome.peer == .update {
                replacement = try stage.start("update", "droneagent", ["update", "v2", "--json"] + folders)
            } else if let script = outcome.peer.script(containers) {
                replacement = try Child(
                    "replacement", "/bin/sh", ["-c", script], log: options.out + "/replacement.log")
            }
        }
        if let replacement, !replacement.isRunning, outcome.seconds == 0 {
            outcome.seconds = Double(da_now() - askedAt) / 1e9
            if replacement.exitCode != 0 {
                let words = replacement.output.split(separator: "\n").last ?? "it said nothing"
                outcome.reason = "it ended with code \(replacement.exitCode): \(words)"
            }
        }
    }

    private func goesOn(_ seconds: Double, _ status: da_status) -> Bool {
        if crashedAt == nil, seconds > lookedAt + Self.look {
            lookedAt = seconds
            if hasCrashed { crashedAt = seconds }
        }
        if let crashedAt { return seconds < crashedAt + Self.aftermath }
        if askedAt != 0, status.mode == FlightMode.disarmed.rawValue { return false }
        return seconds < script.landingBegins + Self.landingLimit
    }

    private var hasCrashed: Bool {
        let records: [TruthRecord]? = try? RecordFile.read(stage.world + "/" + BridgeServer.truthLogName)
        return records?.last?.truth.crashed ?? false
    }

    private func noteEnd() {
        let isDown = last.mode == FlightMode.disarmed.rawValue
        outcome.end = isDown ? (last.ticks_failsafe > 0 ? .failsafe : .landed) : .astray
    }

    /// Whether the one that answers now, and did not before, stands on a state that was handed to it.
    private func noteState() {
        switch outcome.peer {
        case .none: outcome.state = .none
        case .checkpoint: outcome.state = outcome.reason.isEmpty ? .kept : .none
        case .restart, .stopThenStart, .overlap, .update:
            let driver = last.connected.max { $0.answered_tick < $1.answered_tick }
            outcome.state = driver.map { $0.state_tick > 0 ? .kept : .lost } ?? .none
        }
    }

    // MARK: Evidence

    private func judge(_ began: UInt64) throws(BenchFault) {
        let script = script
        do {
            let evidence = PeerJudge.Evidence(
                motors: try RecordFile.read(stage.world + "/" + BridgeServer.motorLogName),
                truth: try RecordFile.read(stage.world + "/" + BridgeServer.truthLogName),
                stalls: try RecordFile.read(stage.world + "/" + BridgeServer.stallLogName)
                    .filter { $0.cpu == da_cpu_count() - 1 },
                logs: try commandLogs(),
                encoding: PCA9685.Encoding(board),
                period: 1_000_000_000 / UInt64(board.tick_rate),
                climb: { $0 < began ? 0 : Double(script.ask(at: Double($0 - began) / 1e9).setpoint.climb) },
                judged: askedAt..<max(askedAt + 1, began + UInt64(script.landingBegins * 1e9)))
            outcome.began = Double(askedAt) / 1e9
            PeerJudge.judge(evidence, into: &outcome)
            try PeerTrack.write(evidence.truth, asked: askedAt, to: options.out + "/track.csv")
        } catch let fault as BenchFault { throw fault } catch {
            throw BenchFault("The flight '\(outcome.folder)' cannot be judged: \(error)")
        }
    }

    private func commandLogs() throws(BenchFault) -> [String: [da_command_record]] {
        let folder = stage.run + "/instances"
        var logs: [String: [da_command_record]] = [:]
        for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() {
            let path = "\(folder)/\(name)/\(DA_COMMAND_LOG)"
            // One that was never started has none.
            guard FileManager.default.fileExists(atPath: path) else { continue }
            logs[name] = try CommandLogFile.read(path)
        }
        return logs
    }
}

extension da_status {
    /// Instances with a connection.
    fileprivate var connected: [da_instance_status] {
        [instance.0, instance.1, instance.2, instance.3].filter {
            $0.role != InstanceRole.empty.rawValue && $0.role != InstanceRole.listening.rawValue
        }
    }
}
