import Agent
import CContract
import CPlatform
import Contract
import FlightCore
import FoundationEssentials
import Simulator

/// Updates of a container with a map, one size after the other, each with a core, an agent and containers of its own.
/// On the ground: a map flies nothing.
package final class SyncRun {
    /// s: longest waits for a part to come up, for a container, for an update.
    private static let startLimit = 30.0
    private static let pullLimit = 60.0
    private static let updateLimit = 120.0
    /// Blocks that a map's controller fills in a tick, and ticks a second: how long it changes too much for a cut.
    private static let fillRate = 64.0 * 500
    /// µs of CPU in a second that are left to a starved container; its control thread is real-time and has its own.
    private static let starvedQuota = "1000 1000000"

    private let options: SyncOptions
    private var children: [Child] = []

    package init(_ options: SyncOptions) { self.options = options }

    deinit { stopAll() }

    /// One figure a size, and one more for the largest with its owner starved; `each` hears of it when it is there.
    ///
    /// - Throws: `BenchFault` when a part does not come up.
    package func run(_ each: (SyncFigure) -> Void) throws(BenchFault) -> [SyncFigure] {
        var figures: [SyncFigure] = []
        var rounds = options.sizes.map { SyncFigure(bytes: $0, isStarved: false) }
        if let largest = options.sizes.max() { rounds.append(SyncFigure(bytes: largest, isStarved: true)) }
        for var figure in rounds {
            defer { stopAll() }
            try update(&figure)
            each(figure)
            figures.append(figure)
        }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            try encoder.encode(figures).write(to: URL(fileURLWithPath: options.out + "/sync.json"))
        } catch { throw BenchFault("\(options.out)/sync.json cannot be written: \(fileReason(error))") }
        return figures
    }

    private var folders: [String] { ["--run", options.run, "--state", state] }
    private var state: String { options.run + "/state" }
    private var core: String { options.run + "/core.sock" }

    // MARK: One update

    private func update(_ figure: inout SyncFigure) throws(BenchFault) {
        let agent = try startParts()
        let image = "\(options.registry)/flight:map-\(figure.bytes)"
        let first = try start("start", "droneagent", ["start", image] + folders)
        try wait("the first container", Self.pullLimit) { !first.isRunning }
        guard first.exitCode == 0 else { throw BenchFault("\(image) did not start: \(first.output)") }
        let control = try CoreControl(core)
        guard let owner = try control.status().owner else { throw BenchFault("\(image) started but owns nothing.") }
        // The map gets its content.
        da_sleep_until(da_now() + UInt64((Double(figure.bytes) / 1024 / Self.fillRate + 0.5) * 1e9))
        if figure.isStarved { try starve(owner.pid) }
        var shadowBegan: UInt64 = 0
        var late: UInt64 = 0
        var peaks: [Int32: Int] = [:]
        let update = try start("update", "droneagent", ["update", image, "--again", "--json"] + folders)
        try wait("the update", Self.updateLimit) {
            if shadowBegan == 0, update.output.contains("\"shadowing\"") { shadowBegan = da_now() }
            for instance in (try? control.status().all) ?? [] where instance.pid > 0 {
                if instance.pid == owner.pid { late = instance.late + instance.dropped }
                peaks[instance.pid] = max(peaks[instance.pid] ?? 0, Self.peak(instance.pid))
            }
            return !update.isRunning
        }
        figure.ownerLate = Int(late) - Int(owner.late + owner.dropped)
        figure.agentPeak = Self.peak(agent.pid)
        figure.containerPeak = peaks.values.max() ?? 0
        read(update.output, into: &figure)
        guard !figure.isStarved, figure.outcome == "updated" else { return }
        try compare(text(owner.name), shadowBegan, &figure)
    }

    /// World, core and agent; returns the agent.
    private func startParts() throws(BenchFault) -> Child {
        do {
            let files = FileManager.default
            if files.fileExists(atPath: options.run) { try files.removeItem(atPath: options.run) }
            for folder in [options.run, state, options.run + "/world", options.out] {
                try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        } catch { throw BenchFault("The folders cannot be made: \(fileReason(error))") }
        let board = state + "/board.bin"
        let compiler = try start("board", "droneagent", ["board", "compile", options.board, "-o", board])
        try wait("the board file to be compiled", Self.startLimit) { !compiler.isRunning }
        guard compiler.exitCode == 0 else { throw BenchFault("The board file was refused: \(compiler.output)") }
        let bus = options.run + "/bus.sock"
        let world = try start(
            "world", "flightbench",
            ["world", "--board", board, "--socket", bus, "--folder", options.run + "/world"])
        try wait("the simulated world", Self.startLimit, of: world) { FileManager.default.fileExists(atPath: bus) }
        let core = try start("core", "flightcore", ["--board", board] + folders)
        try wait("the flight core", Self.startLimit, of: core) {
            (try? CoreControl(self.core).status().tick) ?? 0 > 0
        }
        let agent = try start("agent", "droneagent", ["serve", "--engine", options.engine] + folders)
        try wait("the agent", Self.startLimit, of: agent) {
            FileManager.default.fileExists(atPath: options.run + "/agent.sock")
        }
        return agent
    }

    private func start(_ name: String, _ program: String, _ arguments: [String]) throws(BenchFault) -> Child {
        let child = try Child(
            name, options.programs + "/" + program, arguments, log: options.out + "/sync-\(name).log")
        children.append(child)
        return child
    }

    private func stopAll() {
        for child in children.reversed() { child.stop() }
        children.removeAll()
    }

    // MARK: What came of it

    private struct Line: Decodable {
        struct Sync: Decodable {
            var bytes: Int
            var planned: Double
            var took: Double
        }
        var line: String
        var outcome: String?
        var text: String
        var sync: Sync?
    }

    private func read(_ output: String, into figure: inout SyncFigure) {
        for text in output.split(separator: "\n") {
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else { continue }
            if let sync = line.sync {
                (figure.sent, figure.planned, figure.took) = (sync.bytes, sync.planned, sync.took)
            }
            if let outcome = line.outcome { (figure.outcome, figure.text) = (outcome, line.text) }
        }
    }

    private func compare(_ old: String, _ shadowBegan: UInt64, _ figure: inout SyncFigure) throws(BenchFault) {
        let new = try CoreControl(core).status().owner.map { text($0.name) } ?? ""
        let logs = try [old, new].map { name throws(BenchFault) in
            try CommandLogFile.read("\(options.run)/instances/\(name)/\(DA_COMMAND_LOG)")
        }
        let identity = ShadowIdentity(owner: logs[0], candidate: logs[1], from: shadowBegan)
        (figure.compared, figure.unequal) = (identity.compared, identity.unequal)
        if let last = logs[0].last(where: { $0.epoch != 0 })?.tick,
            let first = logs[1].first(where: { $0.epoch != 0 })?.tick
        {
            figure.switchTicks = Int(first) - Int(last)
        }
    }

    /// Largest resident memory of a process so far, bytes; 0: it is gone.
    private static func peak(_ pid: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) else { return 0 }
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    /// Takes the CPU away from all threads of a container but its control thread, which is real-time.
    private func starve(_ pid: Int32) throws(BenchFault) {
        let groups = (try? String(contentsOfFile: "/proc/\(pid)/cgroup", encoding: .utf8)) ?? ""
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let unified = "/sys/fs/cgroup\(parts[2])/cpu.max"
            let former = "/sys/fs/cgroup/cpu\(parts[2])"
            if parts[1] == "",
                (try? Self.starvedQuota.write(toFile: unified, atomically: false, encoding: .utf8)) != nil
            {
                return
            }
            guard parts[1].split(separator: ",").contains("cpu") else { continue }
            if (try? "1000000".write(toFile: former + "/cpu.cfs_period_us", atomically: false, encoding: .utf8)) != nil,
                (try? "1000".write(toFile: former + "/cpu.cfs_quota_us", atomically: false, encoding: .utf8)) != nil
            {
                return
            }
        }
        throw BenchFault("The owner's container cannot be starved: no control group of it limits the CPU (\(groups)).")
    }
}

extension da_status {
    fileprivate var all: [da_instance_status] { [instance.0, instance.1, instance.2, instance.3] }
    fileprivate var owner: da_instance_status? { all.first { $0.role == InstanceRole.owner.rawValue } }
}
