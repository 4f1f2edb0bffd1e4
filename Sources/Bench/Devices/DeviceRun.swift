import Agent
import CBoard
import CContract
import CPlatform
import Contract
import FlightCore
import FoundationEssentials
import Glibc
import Simulator

/// Arm switch, LED, a chip that does not answer, the core killed in the air, kill line: on the bench's socket or on the
/// kernel's devices (`FlyOptions.adapter`), with the same steps.
///
/// What the lines really are is asked of the world, never of the core.
package final class DeviceRun {
    /// s: for a part to come up; for a vehicle to come into a mode.
    private static let startLimit = 30.0
    private static let modeLimit = 20.0
    /// m; low, and above where the ground is felt.
    private static let height: Float = 2
    /// ns between two frames of the pilot.
    private static let frame: UInt64 = 20_000_000
    /// ms over which the IMU does not answer: one read with its repetition at 500 Hz.
    private static let nackMilliseconds = 2
    /// s after which a killed core must fly again: what a pilot sees as one jerk. In an emulator this is no measure.
    private static let restartLimit = 2.0

    private let options: FlyOptions
    private var children: [Child] = []
    private var report = DeviceReport()
    private var control: CoreControl?
    private var lines = da_lines(context: nil, get: { _, _ in -19 }, set: { _, _, _ in -19 })
    private var killed: UInt64 = .max

    package init(_ options: FlyOptions) { self.options = options }

    /// - Throws: `BenchFault` when the steps could not be tried.
    package func run() throws(BenchFault) -> DeviceReport {
        defer { stopAll() }
        try begin()
        try step("with the arm switch off arming is refused", isRefusedWithoutSwitch)
        try step("with the arm switch on it arms, and the LED goes on", arms)
        try step("it takes off", takesOff)
        try step("a read that no chip acknowledges is survived", survivesNACK)
        try step("the core is killed: outputs stay on, and it flies on", survivesKill)
        try step("the kill line stops the motors", isKilled)
        stopAll()
        if case .device(let path) = options.camera {
            let camera = CameraSteps(path)
            try step("the camera's pictures come, whole and moving", camera.streams)
            try step("a second process is refused the camera", camera.isExclusive)
            try step("the camera, unplugged, says so, and comes again", camera.survivesUnplugging)
        }
        try judge()
        return report
    }

    private var state: String { options.run + "/state" }
    private var worldFolder: String { options.run + "/world" }
    private var faults: String { options.run + "/faults" }

    /// One step; what goes wrong in it is its failure, and the next is tried all the same.
    private func step(_ name: String, _ body: () throws(BenchFault) -> Void) throws(BenchFault) {
        let began = da_now()
        var step = DeviceReport.Step(name: name, seconds: 0)
        do throws(BenchFault) { try body() } catch { step.failure = "\(error)" }
        step.seconds = Double(da_now() - began) / 1e9
        report.steps.append(step)
        for child in children where child.name == "core" || child.name == "world" {
            guard child.isRunning else { throw BenchFault("\(child.name) ended: \(child.output.suffix(400))") }
        }
    }

    // MARK: Parts

    private func begin() throws(BenchFault) {
        do {
            let files = FileManager.default
            if files.fileExists(atPath: options.run) { try files.removeItem(atPath: options.run) }
            for folder in [options.run + "/instances/v1", state, worldFolder, options.out] {
                try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        } catch { throw BenchFault("The folders of the run cannot be made: \(fileReason(error))") }
        let board = state + "/board.bin"
        let compiler = try start("board", "droneagent", ["board", "compile", options.board, "-o", board])
        try wait("the board file to be compiled", Self.startLimit) { !compiler.isRunning }
        guard compiler.exitCode == 0 else { throw BenchFault("The board file was refused: \(compiler.output)") }
        let bus = options.run + "/bus.sock"
        let world = try start(
            "world", "flightbench",
            ["world", "--board", board, "--socket", bus, "--folder", worldFolder, "--faults", faults]
                + (options.adapter ? ["--adapter"] : []))
        try wait("the simulated world", Self.startLimit, of: world) { FileManager.default.fileExists(atPath: bus) }
        guard da_lines_open_bridge(&lines, bus) == 0 else { throw BenchFault("The world does not show its lines.") }
        try order(.line(DA_LINE_ARM.rawValue, level: 0))
        if options.adapter { try awaitDevice(board, of: world) }
        let core = try start(
            "core", "flightcore", ["--supervise", "--board", board, "--run", options.run, "--state", state])
        let socket = options.run + "/core.sock"
        try wait("the flight core", Self.startLimit, of: core) { (try? CoreControl(socket).status().tick) ?? 0 > 0 }
        let control = try CoreControl(socket)
        self.control = control
        let folder = options.run + "/instances/v1"
        _ = try control.ask(.attach, name: "v1", path: folder)
        _ = try start("v1", "flight-v1", [], ["FLIGHT_DIRECTORY": folder])
        try wait("v1 to own the motors", Self.startLimit) { (try? control.ask(.grant, name: "v1").refused) == 0 }
    }

    private func awaitDevice(_ board: String, of world: Child) throws(BenchFault) {
        let device: String
        do { device = text(try BoardImage.read(board).bus_device) } catch { throw BenchFault("\(error)") }
        try wait("the kernel to make \(device)", Self.startLimit, of: world) {
            FileManager.default.fileExists(atPath: device)
        }
    }

    private func start(_ name: String, _ program: String, _ arguments: [String], _ environment: [String: String] = [:])
        throws(BenchFault) -> Child
    {
        let child = try Child(
            name, options.programs + "/" + program, arguments, log: options.out + "/\(name).log",
            environment: environment)
        children.append(child)
        return child
    }

    private func stopAll() {
        for child in children.reversed() { child.stop() }
        children.removeAll()
    }

    // MARK: Steps

    private func isRefusedWithoutSwitch() throws(BenchFault) {
        // All else must be ready first: the gyro's bias takes its time.
        try fly("nothing but the switch keeps it from arming", Self.modeLimit) { status in
            status.arming_refused == DA_ARMING_SWITCH.rawValue
        }
        guard try ask(.arm).refused != 0 else { throw BenchFault("It armed.") }
        // The outputs are on, with the shortest pulses: speed controllers want to hear those before they turn anything.
        try expect(DA_LINE_OUTPUT_ENABLE, 1)
        try expect(DA_LINE_LED, 0)
    }

    private func arms() throws(BenchFault) {
        try order(.line(DA_LINE_ARM.rawValue, level: 1))
        try fly("it may arm", Self.modeLimit) { $0.arming_refused == 0 }
        let reply = try ask(.arm)
        guard reply.refused == 0 else { throw BenchFault(text(reply.text)) }
        try fly("the LED to go on", Self.modeLimit) { _ in level(DA_LINE_LED) == 1 }
        try expect(DA_LINE_OUTPUT_ENABLE, 1)
    }

    private func takesOff() throws(BenchFault) {
        let reply = try ask(.takeoff, value: Self.height)
        guard reply.refused == 0 else { throw BenchFault(text(reply.text)) }
        try fly("it flies", Self.modeLimit) { $0.mode == FlightMode.fly.rawValue }
    }

    private func survivesNACK() throws(BenchFault) {
        let before = try ask(.status).status
        let address: UInt8
        do { address = try BoardImage.read(state + "/board.bin").imu_address } catch { throw BenchFault("\(error)") }
        try order(.nack(address: address, milliseconds: Self.nackMilliseconds))
        try fly("a read fails", Self.modeLimit) { $0.reads_failed > before.reads_failed }
        try fly("a second of flight", Self.modeLimit) { $0.tick > before.tick + UInt64($0.tick_rate) }
        try expectFlight()
    }

    private func survivesKill() throws(BenchFault) {
        let before = try ask(.status).status
        guard let supervisor = children.first(where: { $0.name == "core" }), let core = Self.child(of: supervisor.pid)
        else { throw BenchFault("The core's process was not found.") }
        kill(core, SIGKILL)
        var wentOff = false
        let began = da_now()
        try fly("the core flies again", Self.restartLimit) { status in
            // The line is the supervisor's: it must not fall when the core dies.
            if level(DA_LINE_OUTPUT_ENABLE) != 1 { wentOff = true }
            return status.tick > before.tick && status.mode == FlightMode.fly.rawValue && da_now() > began + Self.frame
        }
        if wentOff { throw BenchFault("The output-enable line fell.") }
        guard Self.child(of: supervisor.pid) != core else { throw BenchFault("The core was not killed.") }
        try fly("a second of flight", Self.modeLimit) { $0.tick > before.tick + UInt64($0.tick_rate) }
        try expectFlight()
    }

    private func isKilled() throws(BenchFault) {
        try order(.line(DA_LINE_KILL.rawValue, level: 1))
        try fly("outputs off", Self.modeLimit) { _ in level(DA_LINE_OUTPUT_ENABLE) == 0 }
        killed = da_now()
        try fly("disarmed", Self.modeLimit) { $0.mode == FlightMode.disarmed.rawValue }
        try fly("the LED to go off", Self.modeLimit) { _ in level(DA_LINE_LED) == 0 }
    }

    // MARK: Questions

    private func ask(_ operation: Contract.Operation, value: Float = 0) throws(BenchFault) -> da_reply {
        guard let control else { throw BenchFault("There is no core.") }
        return try control.ask(operation, value: value)
    }

    /// Holds the pilot's link, level, until it is so.
    private func fly(_ what: String, _ limit: Double, until isSo: (da_status) -> Bool) throws(BenchFault) {
        let end = da_now() + UInt64(limit * 1e9)
        while true {
            let status = try ask(.pilot).status
            if isSo(status) { return }
            guard da_now() < end else {
                throw BenchFault(
                    "Within \(Int(limit)) s it did not come to \(what); mode \(status.mode), arming \(status.arming_refused)."
                )
            }
            da_sleep_until(da_now() + Self.frame)
        }
    }

    private func expectFlight() throws(BenchFault) {
        let status = try ask(.status).status
        guard status.mode == FlightMode.fly.rawValue else {
            throw BenchFault("It is in mode \(status.mode), not in flight.")
        }
        try expect(DA_LINE_OUTPUT_ENABLE, 1)
    }

    private func level(_ line: da_line) -> Int32 { da_lines_get(&lines, UInt32(line.rawValue)) }

    private func expect(_ line: da_line, _ wanted: Int32) throws(BenchFault) {
        let found = level(line)
        guard found == wanted else { throw BenchFault("Line \(line.rawValue) is \(found), not \(wanted).") }
    }

    private func order(_ order: WorldFaults.Order) throws(BenchFault) {
        guard WorldFaults.ask(order, path: faults) else { throw BenchFault("The world does not listen on \(faults).") }
        // It looks at its pipe every 20 ms.
        da_sleep_until(da_now() + 3 * Self.frame)
    }

    private static func child(of pid: Int32) -> Int32? {
        let children = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return children.flatMap { Int32($0.split(separator: " ").first ?? "") }
    }

    // MARK: Verdict

    private func judge() throws(BenchFault) {
        do {
            let motors: [MotorRecord] = try RecordFile.read(worldFolder + "/" + BridgeServer.motorLogName)
            report.motorWrites = motors.count
            report.writesBehindKill = motors.count { $0.stop > killed && $0.flags.contains(.outputsEnabled) }
            try report.junit.write(to: options.out + "/devices.xml")
        } catch let fault as BenchFault { throw fault } catch { throw BenchFault("The run cannot be judged: \(error)") }
    }
}
