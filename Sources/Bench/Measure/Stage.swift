import Agent
import CBoard
import CContract
import CPlatform
import Contract
import FlightCore
import FoundationEssentials

/// The processes of one measurement: a world, a core, whatever else it needs. Each in its own folder of sockets.
final class Stage {
    /// s: longest wait for a process to come up.
    static let patience = 30.0
    /// SCHED_FIFO of an owner's control thread, as the agent gives it.
    private static let ownerPriority: Int32 = 70

    let run: String
    private let options: MeasureOptions
    private var children: [Child] = []

    /// An empty stage.
    ///
    /// - Throws: `BenchFault` when its folders cannot be made.
    init(_ options: MeasureOptions, board: da_board = BenchBoard.make()) throws(BenchFault) {
        self.options = options
        run = options.run
        do {
            let files = FileManager.default
            if files.fileExists(atPath: run) { try files.removeItem(atPath: run) }
            for folder in [run, run + "/instances", state, world, options.out] {
                try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        } catch { throw BenchFault("The folders of the measurement cannot be made: \(fileReason(error))") }
        var board = board
        board.checksum = BoardImage.checksum(board)
        let bytes = withUnsafeBytes(of: board) { Array($0) }
        guard da_file_replace(boardPath, bytes, UInt64(bytes.count)) == 0 else {
            throw BenchFault("\(boardPath) cannot be written.")
        }
    }

    deinit { stop() }

    var state: String { run + "/state" }
    var world: String { run + "/world" }
    var bus: String { run + "/bus.sock" }
    var core: String { run + "/core.sock" }
    /// The flight record of a core that is told to keep one.
    var record: String { world + "/flight.ulg" }
    /// For `droneagent`.
    var places: [String] { ["--run", run, "--state", state] }
    private var boardPath: String { state + "/board.bin" }

    func stop() {
        for child in children.reversed() { child.stop() }
        children.removeAll()
    }

    /// One of the built programs; its output goes to the out folder.
    @discardableResult
    func start(_ name: String, _ program: String, _ arguments: [String], _ environment: [String: String] = [:])
        throws(BenchFault) -> Child
    {
        let child = try Child(
            name, options.programs + "/" + program, arguments, log: options.out + "/measure-\(name).log",
            environment: environment)
        children.append(child)
        return child
    }

    @discardableResult
    func startWorld(batteries: Int = 1, _ environment: [String: String] = [:]) throws(BenchFault) -> Child {
        let child = try start(
            "world", "flightbench",
            ["world", "--board", boardPath, "--socket", bus, "--folder", world, "--batteries", "\(batteries)"],
            environment)
        try wait("the simulated world", of: child) { FileManager.default.fileExists(atPath: bus) }
        return child
    }

    @discardableResult
    func startCore(program: String = "flightcore", record: String? = nil, _ environment: [String: String] = [:])
        throws(BenchFault) -> Child
    {
        let child = try start(
            "core", program,
            ["--board", boardPath, "--run", run, "--state", state] + (record.map { ["--record", $0] } ?? []),
            environment)
        try wait("the flight core", of: child) { (try? CoreControl(core).status().tick) ?? 0 > 0 }
        return child
    }

    /// A core under its supervisor, with a flight record.
    func startSupervisedCore() throws(BenchFault) -> Child {
        let child = try start(
            "core", "flightcore", ["--supervise", "--board", boardPath, "--record", record] + places)
        try wait("the flight core", of: child) { (try? CoreControl(core).status().tick) ?? 0 > 0 }
        return child
    }

    /// What all instances commanded, and that core's failsafe.
    var keptLogs: KeptLogs {
        get throws(BenchFault) { try KeptLogs(of: run + "/instances", in: run + "/logs", record: record) }
    }

    /// A flight container's program as a plain process; nothing owns the motors yet.
    @discardableResult
    func startInstance(_ name: String, _ environment: [String: String] = [:]) throws(BenchFault) -> Child {
        let folder = try makeInstanceFolder(name)
        let reply = try CoreControl(core).ask(.attach, name: name, path: folder)
        guard reply.refused == 0 else { throw BenchFault("The core refused \(name): \(text(reply.text))") }
        return try start(name, "flight-v1", [], environment.merging(["FLIGHT_DIRECTORY": folder]) { $1 })
    }

    func makeInstanceFolder(_ name: String) throws(BenchFault) -> String {
        let folder = run + "/instances/" + name
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw BenchFault("\(folder) cannot be made: \(fileReason(error))")
        }
        return folder
    }

    func grant(_ name: String) throws(BenchFault) {
        let control = try CoreControl(core)
        try wait("\(name) to own the motors") { (try? control.ask(.grant, name: name).refused) == 0 }
    }

    /// Puts a controller's thread where the agent puts an owner's on this machine.
    func raise(_ child: Child) throws(BenchFault) {
        try wait("the control thread of \(child.name)", of: child) {
            !ProcessFigures.threads(child.pid, named: "flight-control").isEmpty
        }
        for thread in ProcessFigures.threads(child.pid, named: "flight-control") {
            guard da_process_set_fifo(thread, Self.ownerPriority) == 0,
                da_cpu_count() > 2 || da_process_set_cpu(thread, da_cpu_count() - 1) == 0
            else { throw BenchFault("The control thread of \(child.name) gets no real-time priority; be root.") }
        }
    }

    func wait(_ what: String, of child: Child? = nil, _ limit: Double = patience, _ done: () -> Bool)
        throws(BenchFault)
    {
        try Bench.wait(what, limit, of: child, done)
    }
}
