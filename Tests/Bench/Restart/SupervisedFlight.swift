import Bench
import CContract
import CPlatform
import Contract
import FlightCore
import Foundation
import Simulator
import Testing

/// A simulated world, a supervised core and one flight container, each a process of its own, without an engine.
final class SupervisedFlight: @unchecked Sendable {
    static let missing: Comment = "needs DRONEAGENT_TEST_BIN; Board/bench test sets it"
    static let programs = ProcessInfo.processInfo.environment["DRONEAGENT_TEST_BIN"]

    /// Short, because a socket's path is.
    let folder: String
    let supervisor: Process
    private let world: Child
    private let container: Child
    private let terminal: Int32

    var socket: String { folder + "/core.sock" }
    var bus: String { folder + "/bus.sock" }
    var board: String { folder + "/board.bin" }
    private var instance: String { folder + "/v1" }

    /// On the ground, v1 owning. The core's and its supervisor's standard streams are a terminal.
    init(environment: [String: String] = [:], arguments: [String] = []) throws {
        let programs = try #require(Self.programs)
        var template = Array("/tmp/flight-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for name in ["v1", "world"] {
            try FileManager.default.createDirectory(
                atPath: folder + "/" + name, withIntermediateDirectories: true)
        }
        try Self.writeBoard(folder + "/board.bin")
        world = try Child(
            "world", programs + "/flightbench",
            [
                "world", "--board", folder + "/board.bin", "--socket", folder + "/bus.sock", "--folder",
                folder + "/world",
            ],
            log: folder + "/world.log")
        let bus = folder + "/bus.sock"
        try Self.wait("the world") { FileManager.default.fileExists(atPath: bus) }
        var (master, slave) = (Int32(-1), Int32(-1))
        try #require(openpty(&master, &slave, nil, nil, nil) == 0)
        terminal = master
        let side = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
        supervisor = Process()
        supervisor.executableURL = URL(fileURLWithPath: programs + "/flightcore")
        supervisor.arguments =
            [
                "--supervise", "--board", folder + "/board.bin", "--run", folder, "--state", folder, "--instance",
                "v1=\(folder)/v1", "--owner", "v1", "--record", folder + "/flight.ulg",
            ] + arguments
        supervisor.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        (supervisor.standardInput, supervisor.standardOutput, supervisor.standardError) = (side, side, side)
        try supervisor.run()
        container = try Child(
            "v1", programs + "/flight-v1", [], log: folder + "/v1.log",
            environment: ["FLIGHT_DIRECTORY": folder + "/v1"])
        try Self.wait("v1 to own the motors") { self.status?.instance.0.role == InstanceRole.owner.rawValue }
        raise()
    }

    private static func writeBoard(_ path: String) throws {
        var board = BenchBoard.make()
        board.checksum = 0
        board.checksum = withUnsafeBytes(of: board) { bytes in
            bytes.baseAddress.map { da_crc32c($0, UInt64(bytes.count)) } ?? 0
        }
        try withUnsafeBytes(of: board) { try Data($0).write(to: URL(fileURLWithPath: path)) }
    }

    /// Real-time priority for the control thread, as the agent gives it.
    private func raise() {
        let tasks = "/proc/\(container.pid)/task"
        for tid in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
            let name = try? String(contentsOfFile: "\(tasks)/\(tid)/comm", encoding: .utf8)
            guard name == "flight-control\n", let number = Int32(tid) else { continue }
            _ = da_process_set_fifo(number, 70)
            if da_cpu_count() <= 2 { _ = da_process_set_cpu(number, da_cpu_count() - 1) }
        }
    }

    var status: da_status? { try? CoreControl(socket).status() }

    /// The core as its supervisor's child; nil: there is none just now.
    var corePid: Int32? {
        let pid = supervisor.processIdentifier
        let children = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return children.flatMap { Int32($0.split(separator: " ").first ?? "") }
    }

    /// The process of the simulated chips.
    var worldPid: Int32 { world.pid }
    var containerPid: Int32 { container.pid }

    /// Waits for what must come, 10 s at most. On a thread of its own.
    static func wait(_ what: String, _ isSo: () -> Bool) throws {
        let limit = da_now() + 10_000_000_000
        while !isSo() {
            if da_now() > limit { throw BenchFault("It did not come to pass within 10 s: \(what).") }
            da_sleep_until(da_now() + 2_000_000)
        }
    }

    /// What core and supervisor said so far.
    func said() -> String {
        var bytes = [UInt8](repeating: 0, count: 65536)
        _ = fcntl(terminal, F_SETFL, O_NONBLOCK)
        let got = read(terminal, &bytes, bytes.count)
        words += String(decoding: bytes.prefix(max(0, got)), as: UTF8.self)
        return words
    }
    private var words = ""

    // MARK: Evidence

    func motors() throws -> [MotorRecord] { try RecordFile.read("\(folder)/world/\(BridgeServer.motorLogName)") }
    func truth() throws -> [TruthRecord] { try RecordFile.read("\(folder)/world/\(BridgeServer.truthLogName)") }
    /// What the failsafe asked for counts as one more log.
    func ledger() throws -> TickLedger {
        let truth = try truth()
        return TickLedger(
            motors: try motors(),
            logs: ["v1": try commands(), TickLedger.failsafe: try FailsafeLog.read(folder + "/flight.ulg")],
            encoding: PCA9685.Encoding(BenchBoard.make()),
            period: 1_000_000_000 / UInt64(BenchBoard.make().tick_rate),
            window: FlightWindow.airborne(truth) ?? 0..<0)
    }
    func commands() throws -> [da_command_record] { try CommandLogFile.read("\(instance)/\(DA_COMMAND_LOG)") }

    /// Ends all processes; the folder stays until `remove`.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        if supervisor.isRunning { supervisor.terminate() }
        let limit = da_now() + 8_000_000_000
        while supervisor.isRunning, da_now() < limit { da_sleep_until(da_now() + 20_000_000) }
        if supervisor.isRunning { kill(supervisor.processIdentifier, SIGKILL) }
        container.stop()
        world.stop()
        close(terminal)
    }

    private var hasEnded = false

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
