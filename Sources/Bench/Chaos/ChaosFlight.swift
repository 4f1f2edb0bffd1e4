import Agent
import CContract
import CPlatform
import Contract
import FlightCore
import FoundationEssentials
import Glibc
import Simulator

/// One real flight under a policy: updates in turn, faults as the policy says, a line for each thing that happens.
package final class ChaosFlight {
    /// s.
    private static let pullLimit = 60.0
    private static let landingLimit = 60.0
    private static let restLimit = 60.0
    /// Between two updates, and what the last one has before the landing.
    private static let updatePause = 2.0
    private static let updateTime = 15.0
    /// s of flight that one battery gives.
    private static let battery = 500.0

    private let options: MeasureOptions
    private let policy: ChaosPolicy
    private let tell: (String) -> Void
    private let stage: Stage
    private let targets: ChaosTargets
    private var schedule: ChaosSchedule
    private var agent: Child?
    private var core: Child?
    private var update: (child: Child, tag: String)?
    private var updatesBegun = 0
    private var nextUpdate = 0.0
    private var agentsBegun = 0
    /// ns; when core or chips were struck.
    private var hardStrikes: [UInt64] = []
    private var verdictSoFar: (strikes: Int, updates: [String: Int], faults: [String]) = (0, [:], [])
    private var lastOwner = ""
    private var lastMode = ""

    /// `tell` gets the lines.
    ///
    /// - Throws: `BenchFault` when folders or proxies cannot be made.
    package init(_ options: MeasureOptions, _ policy: ChaosPolicy, tell: @escaping (String) -> Void) throws(BenchFault)
    {
        self.options = options
        self.policy = policy
        self.tell = tell
        stage = try Stage(options)
        schedule = ChaosSchedule(policy.faults)
        targets = try ChaosTargets(
            ChaosTargets.Places(
                engine: options.engine, registry: options.registry, run: options.run, pipe: options.run + "/faults"),
            policy.faults)
    }

    /// Flies and judges; writes chaos.json.
    ///
    /// - Throws: `BenchFault` when the flight could not be flown to its end.
    package func fly() throws(BenchFault) -> ChaosVerdict {
        defer {
            targets.end()
            stage.stop()
        }
        try begin()
        try pilot()
        try comeToRest()
        stage.stop()
        return try judge()
    }

    // MARK: Parts

    private func begin() throws(BenchFault) {
        let board = stage.state + "/board.bin"
        let world = try stage.start(
            "world", "flightbench",
            [
                "world", "--board", board, "--socket", stage.bus, "--folder", stage.world, "--faults",
                options.run + "/faults", "--batteries", "\(max(1, (policy.duration / Self.battery).rounded(.up)))",
            ])
        try stage.wait("the simulated world", of: world) { FileManager.default.fileExists(atPath: stage.bus) }
        let core = try stage.startSupervisedCore()
        self.core = core
        try startAgent()
        targets.agentPid = { [unowned self] in agent?.pid }
        targets.corePid = { ChaosFlight.child(of: core.pid) }
        try stage.wait("the agent") { FileManager.default.fileExists(atPath: stage.run + "/agent.sock") }
        let first = try stage.start("start", "droneagent", ["start", image(policy.updates[0])] + stage.places)
        try stage.wait("the first container", Self.pullLimit) { !first.isRunning }
        guard first.exitCode == 0 else { throw BenchFault("\(policy.updates[0]) did not start: \(first.output)") }
    }

    private func startAgent() throws(BenchFault) {
        agentsBegun += 1
        agent = try stage.start(
            "agent-\(agentsBegun)", "droneagent", ["serve", "--engine", targets.engine.address] + stage.places)
    }

    private func image(_ tag: String) -> String { "\(targets.registry.address)/flight:\(tag)" }

    /// The core is its supervisor's child.
    private static func child(of pid: Int32) -> Int32? {
        let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return text.flatMap { Int32($0.split(separator: " ").first ?? "") }
    }

    // MARK: Flight

    private func pilot() throws(BenchFault) {
        let script = ScriptedPilot(manoeuvreSeconds: policy.duration)
        let pilot = try LivePilot(stage.core, script)
        var wasAirborne = false
        nextUpdate = 1
        let logs = try stage.keptLogs
        try pilot.fly { seconds, status throws(BenchFault) in
            let time = seconds - script.manoeuvresBegin
            logs.look()
            watch(status, time)
            if time >= 0, time < policy.duration { try strike(time) } else { endStrikes(time) }
            try followUpdate(time)
            if agent?.isRunning != true { try startAgent() }
            if status.on_ground == 0 { wasAirborne = true }
            guard core?.isRunning == true else { throw BenchFault("The core ended: \(core?.output.suffix(400) ?? "")") }
            guard seconds < script.landingBegins + Self.landingLimit else {
                throw BenchFault("The vehicle did not land and disarm in time.")
            }
            return !(wasAirborne && status.mode == FlightMode.disarmed.rawValue)
        }
        endStrikes(policy.duration)
        if pilot.seconds < script.landingBegins { tell("the flight ended before its time") }
    }

    private func watch(_ status: da_status, _ time: Double) {
        let owner = status.owner.map { text($0.name) } ?? "nobody"
        let mode = FlightMode(rawValue: status.mode).map { "\($0)" } ?? "?"
        if owner != lastOwner { say(time, "\(owner) owns the motors") }
        if mode != lastMode { say(time, "mode \(mode)") }
        (lastOwner, lastMode) = (owner, mode)
    }

    private func say(_ time: Double, _ words: String) { tell("\((time * 10).rounded() / 10) s  \(words)") }

    private func strike(_ time: Double) throws(BenchFault) {
        for move in schedule.moves(at: time) {
            let fault = policy.faults[move.fault]
            guard move.begins else {
                targets.finish(move.fault)
                say(time, "over: \(fault.words)")
                continue
            }
            let hard: [ChaosFault.Place] = [.core, .imu, .barometer, .motors, .battery]
            if hard.contains(fault.place) { hardStrikes.append(da_now()) }
            let whom = targets.begin(move.fault)
            if !whom.isEmpty { verdictSoFar.strikes += 1 }
            say(
                time,
                "strikes: \(fault.words)\(whom.isEmpty ? ": nobody is there" : " (\(whom.joined(separator: ", ")))")")
        }
    }

    private func endStrikes(_ time: Double) {
        for move in schedule.end() {
            targets.finish(move.fault)
            say(time, "over: \(policy.faults[move.fault].words)")
        }
    }

    private func followUpdate(_ time: Double) throws(BenchFault) {
        if let (child, tag) = update {
            guard !child.isRunning else { return }
            update = nil
            nextUpdate = time + Self.updatePause
            let outcome = Self.outcomes[child.exitCode] ?? "ended with \(child.exitCode)"
            verdictSoFar.updates[outcome, default: 0] += 1
            say(time, "update to \(tag): \(outcome). \(child.output.split(separator: "\n").last ?? "")")
        } else if time >= nextUpdate, time < policy.duration - Self.updateTime {
            updatesBegun += 1
            let tag = policy.updates[updatesBegun % policy.updates.count]
            say(time, "update to \(tag)")
            update = (
                try stage.start(
                    "update-\(updatesBegun)", "droneagent", ["update", image(tag), "--again"] + stage.places), tag
            )
        }
    }

    /// Exit codes of `droneagent update`.
    private static let outcomes: [Int32: String] = [
        0: "updated", 2: "refused", 3: "rolled back", 4: "rollback failed", 5: "the agent died",
        6: "no core answered",
    ]

    /// When nothing goes wrong any more, one container is left at most, and no update is under way.
    private func comeToRest() throws(BenchFault) {
        if agent?.isRunning != true { try startAgent() }
        let control = try CoreControl(stage.core)
        do throws(BenchFault) {
            try stage.wait("one container to be left", Self.restLimit) {
                update?.child.isRunning != true && ((try? control.status().instances.count) ?? 9) <= 1
            }
        } catch { verdictSoFar.faults.append("\(error.description) Something is left that a person must clear up.") }
        try followUpdate(policy.duration)
    }

    // MARK: Verdict

    private func judge() throws(BenchFault) -> ChaosVerdict {
        do {
            let board = try BoardImage.read(stage.state + "/board.bin")
            let truth: [TruthRecord] = try RecordFile.read(stage.world + "/" + BridgeServer.truthLogName)
            let period = 1_000_000_000 / UInt64(board.tick_rate)
            let window = FlightWindow.airborne(truth) ?? 0..<0
            let ledger = TickLedger(
                motors: try RecordFile.read(stage.world + "/" + BridgeServer.motorLogName),
                logs: try stage.keptLogs.read(),
                encoding: PCA9685.Encoding(board), period: period, window: window, unwritten: TickLedger.unwritten)
            let stalls: [StallRecord] = try RecordFile.read(stage.world + "/" + BridgeServer.stallLogName)
            var verdict = ChaosVerdict(
                strikes: hardStrikes, ledger: ledger, stalls: stalls.filter { $0.cpu == da_cpu_count() - 1 },
                truth: truth, period: period)
            (verdict.strikes, verdict.updates) = (verdictSoFar.strikes, verdictSoFar.updates)
            verdict.decide(verdictSoFar.faults)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            try encoder.encode(verdict).write(to: URL(fileURLWithPath: options.out + "/chaos.json"))
            return verdict
        } catch let fault as BenchFault { throw fault } catch {
            throw BenchFault("The flight cannot be judged: \(error)")
        }
    }
}
