import Agent
import CContract
import CPlatform
import Contract
import FlightCore
import FoundationEssentials
import Glibc
import Handover
import Simulator

/// Cells one after the other in one real flight, until they are done or the vehicle is down.
final class TortureFlight {
    /// s: in a flight; for an update to come to the phase and for all to be at rest behind it; stopped; between cells.
    private static let seconds = 3600.0
    private static let updateLimit = 90.0
    private static let restLimit = 60.0
    private static let stopped = 3.0
    private static let pause = 1.0
    /// m: a failsafe that flies until a container is started again loses two or three; and s until it is there.
    private static let (height, takeoffSeconds): (Float, Double) = (15, 18)
    /// Starts of the first container that may come to nothing.
    private static let startsMax = 3
    /// Updates that may come to nothing before the cell is given up.
    private static let triesMax = 5

    private let options: MeasureOptions
    private let daemons: [TortureCell.Party: String]
    private let stage: Stage
    private let tell: (String) -> Void
    private var cells: [TortureCell]
    private(set) var rows: [TortureReport.Row] = []
    private var windows: [(from: UInt64, to: UInt64)] = []
    private var agent: Child?
    private var core: Child?
    private var agents = 0
    private var updates = 0

    // The cell at work.
    private var update: Child?
    private var began = 0.0
    private var struckAt: (time: Double, clock: UInt64)?
    private var letGo: Int32?
    private var old = ""
    private var tries = 0
    private var struckIn = ""
    private var containers: ContainerCount?
    /// When the pilot, at 50 Hz, heard from the core that the failsafe flies, ns.
    private var failsafeSeen: [UInt64] = []

    /// `daemons`: files with the pids of engine and registry.
    init(
        _ options: MeasureOptions, _ cells: [TortureCell], daemons: [TortureCell.Party: String],
        tell: @escaping (String) -> Void
    ) throws(BenchFault) {
        self.options = options
        self.cells = cells
        self.daemons = daemons
        self.tell = tell
        stage = try Stage(options)
    }

    /// Gives the cells that found no time, for another flight.
    func fly(_ report: inout TortureReport) throws(BenchFault) -> [TortureCell] {
        defer {
            if let letGo { kill(letGo, SIGCONT) }
            stage.stop()
        }
        try begin()
        let logs = try stage.keptLogs
        var script = ScriptedPilot(manoeuvreSeconds: Self.seconds)
        (script.takeoffHeight, script.takeoffSeconds) = (Self.height, Self.takeoffSeconds)
        let pilot = try LivePilot(stage.core, script)
        var hasFlown = false
        try pilot.fly { seconds, status throws(BenchFault) in
            logs.look()
            if status.mode == FlightMode.fly.rawValue { hasFlown = true }
            if status.mode == FlightMode.failsafe.rawValue { failsafeSeen.append(status.now_ns) }
            guard core?.isRunning == true else { throw BenchFault("The core ended: \(core?.output.suffix(400) ?? "")") }
            if agent?.isRunning != true { try startAgent() }
            if seconds >= script.manoeuvresBegin { try work(seconds, status) }
            let isDown = hasFlown && status.mode == FlightMode.disarmed.rawValue
            return !((cells.isEmpty || isDown) && update == nil && struckAt == nil)
        }
        // What follows is the bench's own end of all.
        let end = da_now()
        stage.stop()
        try judge(&report, until: end)
        return cells
    }

    // MARK: Parts

    private func begin() throws(BenchFault) {
        try LeftContainers.remove(from: options.engine)
        try stage.startWorld(batteries: 8)
        core = try stage.startSupervisedCore()
        try startAgent()
        try stage.wait("the agent") { FileManager.default.fileExists(atPath: stage.run + "/agent.sock") }
        // A machine that stalls keeps the first container from being in step for long enough; a pilot tries again.
        for attempt in 1... {
            let first = try stage.start(
                "start-\(attempt)", "droneagent", ["start", "\(options.registry)/flight:v2"] + stage.places)
            try stage.wait("the first container", 60) { !first.isRunning }
            if first.exitCode == 0 { return }
            guard attempt < Self.startsMax else { throw BenchFault("v2 did not start: \(first.output)") }
        }
    }

    private func startAgent() throws(BenchFault) {
        agents += 1
        agent = try stage.start(
            "agent-\(agents)", "droneagent", ["serve", "--engine", options.engine] + stage.places)
    }

    // MARK: A cell

    private func work(_ seconds: Double, _ status: da_status) throws(BenchFault) {
        guard let cell = cells.first else { return }
        if let struckAt {
            try follow(cell, seconds, status, since: struckAt)
        } else if let update {
            let said = update.output
            if said.contains("\"phase\":\"\(cell.phase.rawValue)\"") {
                strike(cell, seconds, status)
            } else if !update.isRunning || seconds - began > Self.updateLimit {
                // The agent was still busy, or the phase was over before it was seen.
                tries += 1
                self.update = nil
                began = seconds
                if tries >= Self.triesMax { finish(cell, status, isStruck: false, from: da_now(), []) }
            }
        } else if seconds - began > Self.pause, isAtRest(status), status.mode == FlightMode.fly.rawValue {
            began = seconds
            old = status.owner.map { text($0.name) } ?? ""
            updates += 1
            update = try stage.start(
                "update-\(updates)", "droneagent",
                ["update", "\(options.registry)/flight:v2", "--again", "--json"] + stage.places)
        }
    }

    private func isAtRest(_ status: da_status) -> Bool {
        status.instances.count == 1 && status.owner != nil && status.in_probation == 0
    }

    private func strike(_ cell: TortureCell, _ seconds: Double, _ status: da_status) {
        guard let pid = pid(of: cell.party, status), pid > 0,
            kill(pid, cell.blow == .kill ? SIGKILL : SIGSTOP) == 0
        else { return }
        if cell.blow == .stop { letGo = pid }
        struckAt = (seconds, da_now())
        struckIn = Self.lastPhase(update?.output ?? "")
        tell("\(cell)")
    }

    private func pid(of party: TortureCell.Party, _ status: da_status) -> Int32? {
        switch party {
        case .agent: agent?.pid
        case .core: core.flatMap { Self.child(of: $0.pid) }
        case .old: status.instances.first { text($0.name) == old }?.pid
        case .new: status.instances.first { text($0.name) != old }?.pid
        case .engine, .registry:
            daemons[party].flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
                .flatMap { Int32($0.trimmed) }
        }
    }

    /// Of the update's lines so far.
    private static func lastPhase(_ output: String) -> String {
        output.components(separatedBy: "\"phase\":\"").last?.prefix { $0 != "\"" }.description ?? ""
    }

    /// The core is its supervisor's child.
    private static func child(of pid: Int32) -> Int32? {
        let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return text.flatMap { Int32($0.split(separator: " ").first ?? "") }
    }

    private func follow(
        _ cell: TortureCell, _ seconds: Double, _ status: da_status, since: (time: Double, clock: UInt64)
    ) throws(BenchFault) {
        if let pid = letGo, seconds - since.time >= Self.stopped {
            // It may have been killed meanwhile, as a core that gives no sign is.
            kill(pid, SIGCONT)
            letGo = nil
        }
        guard letGo == nil, update?.isRunning != true else {
            if seconds - since.time > Self.restLimit + Self.updateLimit {
                finish(cell, status, isStruck: true, from: since.clock, ["The update does not come to an end."])
            }
            return
        }
        let isDown = status.mode == FlightMode.disarmed.rawValue
        if isAtRest(status), status.mode == FlightMode.fly.rawValue, isInOrder(), hasOneContainer() {
            finish(cell, status, isStruck: true, from: since.clock, [])
        } else if isDown {
            finish(cell, status, isStruck: true, from: since.clock, cell.mayLand ? [] : ["It landed."])
        } else if seconds - since.time > Self.restLimit + Self.updateLimit {
            finish(
                cell, status, isStruck: true, from: since.clock,
                [
                    "It is not at rest: \(status.instances.count) instances, mode \(status.mode), in the engine \(containers?.count.map { "\($0)" } ?? "none known")."
                ])
        }
    }

    /// The agent, be it another one, has written the end of the update down and has one container left.
    private func isInOrder() -> Bool {
        do {
            let journal = try Journal(path: stage.state + "/journal.sqlite")
            return try journal.unfinished() == nil
                && journal.instances().map(\.role) == [FlightRole.owner.rawValue]
        } catch { return false }
    }

    /// Asked of the engine itself, beside the pilot's loop; it may be a while until the agent has removed the last.
    private func hasOneContainer() -> Bool {
        guard let asked = containers else {
            containers = ContainerCount(options.engine)
            return false
        }
        guard asked.isOver else { return false }
        if asked.count == 1 { return true }
        containers = nil
        return false
    }

    private func finish(
        _ cell: TortureCell, _ status: da_status, isStruck: Bool, from: UInt64, _ faults: [String]
    ) {
        let mode = FlightMode(rawValue: status.mode).map { "\($0)" } ?? "?"
        let owner = status.owner.map { text($0.name) } ?? "nobody"
        let rest = mode == "fly" ? (owner == old ? "old flies" : "another flies") : mode
        let code = update?.isRunning == true ? -1 : update?.exitCode ?? -1
        var row = TortureReport.Row(
            cell, isStruck: isStruck, update: Self.outcomes[code] ?? "exit \(code)", rest: rest)
        row.faults = faults
        row.struckIn = isStruck ? struckIn : ""
        rows.append(row)
        windows.append((from, da_now()))
        update = nil
        struckAt = nil
        containers = nil
        tries = 0
        cells.removeFirst()
    }

    /// Exit codes of `droneagent update`.
    private static let outcomes: [Int32: String] = [
        0: "updated", 2: "refused", 3: "rolled back", 4: "rollback failed", 5: "agent died", 6: "no core answered",
    ]

    // MARK: Verdict

    private func judge(_ report: inout TortureReport, until end: UInt64) throws(BenchFault) {
        do {
            let board = try BoardImage.read(stage.state + "/board.bin")
            let truth: [TruthRecord] = try RecordFile.read(stage.world + "/" + BridgeServer.truthLogName)
            let motors: [MotorRecord] = try RecordFile.read(stage.world + "/" + BridgeServer.motorLogName)
            let stalls: [StallRecord] = try RecordFile.read(stage.world + "/" + BridgeServer.stallLogName)
            let writes = motors.filter(\.isComplete).map(\.stop)
            for (index, window) in windows.enumerated() {
                let inside = writes.filter { $0 > window.from &- 10_000_000 && $0 < window.to }
                let gap = zip(inside, inside.dropFirst()).map { $1 - $0 }.max() ?? 0
                rows[index].gap = Double(gap) / 1e6
                let flown = truth.map(\.truth).filter { $0.time > window.from && $0.time < window.to }
                rows[index].tilt = flown.map(\.tilt).max() ?? 0
                if flown.contains(where: { $0.crash != nil }) { rows[index].faults.append("The vehicle crashed.") }
                let slept = stalls.filter {
                    $0.cpu == da_cpu_count() - 1 && $0.start < window.to && $0.end > window.from
                }
                rows[index].stall = Double(slept.map { $0.end - $0.start }.max() ?? 0) / 1e6
            }
            let ledger = TickLedger(
                motors: motors, logs: try stage.keptLogs.read(),
                encoding: PCA9685.Encoding(board), period: 1_000_000_000 / UInt64(board.tick_rate),
                window: FlightWindow.airborne(truth) ?? 0..<0, unwritten: TickLedger.unwritten)
            for (index, window) in windows.enumerated() {
                let inside = ledger.entries.filter { $0.scheduled >= window.from && $0.scheduled < window.to }
                rows[index].stale = inside.count { $0.isStale }
            }
            let flown = ledger.entries.filter { $0.scheduled < end }
            report.rows += rows
            report.flights += 1
            report.ticks += flown.count
            for (index, entry) in flown.enumerated() where entry.isTwoOwner || entry.isStale {
                let before = flown[max(0, index - 4)..<index].map { "\($0.finding)" }.joined(separator: ", ")
                tell(
                    "tick \(entry.tick) of flight \(report.flights): \(entry.finding), owner \(entry.owner), epoch \(entry.epoch), two owners \(entry.isTwoOwner), failsafe seen \(isFailsafe(at: entry.scheduled)), behind \(before)"
                )
            }
            if flown.contains(where: { $0.isTwoOwner || $0.isStale }) { try keep("flight-\(report.flights)") }
            report.twoOwners += flown.count { $0.isTwoOwner }
            report.stale += flown.count { $0.isStale }
        } catch let fault as BenchFault { throw fault } catch {
            throw BenchFault("The flight cannot be judged: \(error)")
        }
    }
}

extension TortureFlight {
    /// What the chip was told and what each container said: the next flight writes over it.
    private func keep(_ name: String) throws {
        let folder = options.out + "/" + name
        let files = FileManager.default
        if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for part in ["world", "logs"] {
            try files.copyItem(atPath: stage.run + "/" + part, toPath: folder + "/" + part)
        }
        tell("Its logs are kept in \(folder).")
    }

    /// ns between two words of the core, with a margin.
    private static let word: UInt64 = 40_000_000

    private func isFailsafe(at time: UInt64) -> Bool {
        failsafeSeen.contains { $0 < time &+ Self.word && time < $0 &+ Self.word }
    }
}

/// All cells, in as many flights as they take.
package enum Torture {
    /// Flights in a row that may end without having done a cell.
    private static let idleMax = 2

    /// - Throws: `BenchFault` when a flight could not be flown.
    package static func run(
        _ options: MeasureOptions, _ cells: [TortureCell], engine: String, registry: String,
        tell: @escaping (String) -> Void
    ) throws(BenchFault) -> TortureReport {
        var (rest, report, idle) = (cells, TortureReport(), 0)
        while !rest.isEmpty {
            let flight = try TortureFlight(
                options, rest, daemons: [.engine: engine, .registry: registry], tell: tell)
            let left = try flight.fly(&report)
            idle = left.count == rest.count ? idle + 1 : 0
            guard idle < idleMax else { throw BenchFault("The vehicle comes down before \(rest[0]) can be tried.") }
            rest = left
        }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            try encoder.encode(report).write(to: URL(fileURLWithPath: options.out + "/torture.json"))
        } catch { throw BenchFault("\(options.out)/torture.json cannot be written: \(fileReason(error))") }
        return report
    }
}
