import Agent
import CContract
import CPlatform
import Contract
import FlightCore
import FoundationEssentials
import Simulator

/// One real flight: world, core, agent, containers, pilot, update, verdict; every part a process of its own.
package final class FlyRun {
    /// s: longest waits for parts to come up, and for the landing.
    private static let startLimit = 30.0
    private static let pullLimit = 120.0
    private static let landingLimit = 60.0
    /// s that an update takes at most when all goes well: one that begins later would reach into the landing.
    private static let updateTime = 13.0
    /// s between the page's address and the start of the flight: a person opens it, or a browser comes up.
    private static let pageTime = 10.0
    /// Pictures of a camera's device that must come, and s in which they must.
    private static let pictures = 5
    private static let pictureLimit = 60.0

    private let options: FlyOptions
    private var children: [Child] = []
    private var report = FlightReport()
    private var phases = PhaseReader()

    package init(_ options: FlyOptions) { self.options = options }

    /// Flies and judges; writes report.json, and flight.xml, the verdict as JUnit.
    ///
    /// - Throws: `BenchFault` when the flight could not be flown to its end.
    package func fly() throws(BenchFault) -> FlightReport {
        report.seed = options.seed
        try makeFolders()
        defer { stopAll() }
        try compileBoard()
        try startConsole()
        try startWorld()
        try startScene()
        try startCore()
        if options.engine != nil { try startAgent() } else { try startPlain() }
        let status = try CoreControl(socket).status()
        report.realtime = status.realtime == 1
        try pilot()
        stopAll()
        try judge()
        return report
    }

    private var socket: String { options.run + "/core.sock" }
    private var state: String { options.run + "/state" }
    private var worldFolder: String { options.run + "/world" }

    // MARK: Parts

    private func makeFolders() throws(BenchFault) {
        do {
            let files = FileManager.default
            if files.fileExists(atPath: options.run) { try files.removeItem(atPath: options.run) }
            for folder in [options.run, options.run + "/instances", state, worldFolder, options.out] {
                try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        } catch { throw BenchFault("The folders of the flight cannot be made: \(fileReason(error))") }
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

    private func compileBoard() throws(BenchFault) {
        guard options.engine != nil else {
            // Without the agent's programs: the bench's own copy of the board.
            var board = BenchBoard.make()
            board.checksum = BoardImage.checksum(board)
            let bytes = withUnsafeBytes(of: board) { Array($0) }
            guard da_file_replace(state + "/board.bin", bytes, UInt64(bytes.count)) == 0 else {
                throw BenchFault("\(state)/board.bin cannot be written.")
            }
            return
        }
        let child = try start("board", "droneagent", ["board", "compile", options.board, "-o", state + "/board.bin"])
        try wait("the board file to be compiled", Self.startLimit) { !child.isRunning }
        guard child.exitCode == 0 else { throw BenchFault("The board file was refused: \(child.output)") }
    }

    private func startConsole() throws(BenchFault) {
        guard let tell = options.console else { return }
        let console = try start(
            "console", "droneagent",
            ["console", "--record", options.out + "/flight.ulg"] + folders)
        try wait("the console", Self.startLimit, of: console) { console.output.hasSuffix("\n") }
        tell(console.output)
        da_sleep_until(da_now() + UInt64(Self.pageTime * 1e9))
    }

    private func startWorld() throws(BenchFault) {
        let world = try start(
            "world", "flightbench",
            [
                "world", "--board", state + "/board.bin", "--socket", options.run + "/bus.sock", "--folder",
                worldFolder, "--seed", "\(options.seed)", "--batteries", "\(options.batteries)",
            ] + (options.adapter ? ["--adapter"] : []))
        try wait("the simulated world", Self.startLimit, of: world) {
            FileManager.default.fileExists(atPath: options.run + "/bus.sock")
        }
        guard options.adapter else { return }
        let device: String
        do { device = text(try BoardImage.read(state + "/board.bin").bus_device) } catch {
            throw BenchFault("\(error)")
        }
        try wait("the kernel to make \(device)", Self.startLimit, of: world) {
            FileManager.default.fileExists(atPath: device)
        }
    }

    private var scene: String { options.run + "/scene.sock" }

    private var cameraPath: String? {
        switch options.camera {
        case nil: nil
        case .scene: scene
        case .device(let path): path
        }
    }

    private func startScene() throws(BenchFault) {
        guard options.camera == .scene else { return }
        let child = try start(
            "scene", "flightbench",
            ["scene", "--truth", worldFolder + "/" + BridgeServer.truthLogName, "--socket", scene])
        try wait("the simulated scene", Self.startLimit, of: child) { FileManager.default.fileExists(atPath: scene) }
    }

    private func startCore() throws(BenchFault) {
        let core = try start(
            "core", "flightcore",
            [
                "--supervise", "--board", state + "/board.bin", "--run", options.run, "--state", state, "--record",
                options.out + "/flight.ulg",
            ])
        try wait("the flight core", Self.startLimit, of: core) { (try? CoreControl(socket).status().tick) ?? 0 > 0 }
    }

    private func startPlain() throws(BenchFault) {
        let folder = options.run + "/instances/v1"
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw BenchFault("\(folder) cannot be made: \(fileReason(error))")
        }
        let control = try CoreControl(socket)
        _ = try control.ask(.attach, name: "v1", path: folder)
        _ = try start("v1", "flight-v1", [], ["FLIGHT_DIRECTORY": folder])
        try wait("v1 to own the motors", Self.startLimit) { (try? control.ask(.grant, name: "v1").refused) == 0 }
    }

    private func startAgent() throws(BenchFault) {
        guard let engine = options.engine, let registry = options.registry else { return }
        let agent = try start(
            "agent", "droneagent",
            ["serve", "--engine", engine] + (cameraPath.map { ["--camera", $0] } ?? []) + folders)
        try wait("the agent", Self.startLimit, of: agent) {
            FileManager.default.fileExists(atPath: options.run + "/agent.sock")
        }
        let first = try start("start", "droneagent", ["start", "\(registry)/flight:\(options.first)"] + folders)
        try wait("v1's container", Self.pullLimit) { !first.isRunning }
        guard first.exitCode == 0 else { throw BenchFault("v1 did not start: \(first.output)") }
        report.v1 = try digest("v1")
    }

    /// Manifest of the image that flies, as `droneagent status` has it.
    private func digest(_ what: String) throws(BenchFault) -> String {
        let child = try start("status-\(what)", "droneagent", ["status", "--json"] + folders)
        try wait("the status", Self.startLimit) { !child.isRunning }
        return StatusLine.ownerManifest(child.output) ?? ""
    }

    private var folders: [String] { ["--run", options.run, "--state", state] }

    // MARK: Flight

    private func pilot() throws(BenchFault) {
        let script = ScriptedPilot(manoeuvreSeconds: options.manoeuvreSeconds)
        let pilot = try LivePilot(socket, script)
        pilotBegan = da_now()
        var wasAirborne = false
        let deadline = script.landingBegins + Self.landingLimit
        nextUpdateAt = options.engine == nil ? .infinity : script.manoeuvresBegin + options.updateAt
        let logs = try KeptLogs(of: options.run + "/instances", in: options.keptLogs)
        try pilot.fly { seconds, status throws(BenchFault) in
            try followUpdates(seconds, until: script.landingBegins)
            logs.look()
            if status.on_ground == 0 { wasAirborne = true }
            for child in children where child.name == "core" || child.name == "world" {
                guard child.isRunning else {
                    throw BenchFault("\(child.name) ended in flight: \(child.output.suffix(400))")
                }
            }
            guard seconds < deadline else { throw BenchFault("The vehicle did not land and disarm in time.") }
            return !(wasAirborne && seconds > script.landingBegins && status.mode == FlightMode.disarmed.rawValue)
        }
        guard options.engine != nil else { return }
        try wait("the update to end", Self.landingLimit) { update?.isRunning != true }
        endUpdate(pilot.seconds)
        report.v2 = try digest("v2")
        lookAtPictures()
        if updatesBegun < options.updates {
            report.reasons.append("Only \(updatesBegun) of \(options.updates) updates found time in the flight.")
        }
    }
    private var pilotBegan: UInt64 = 0

    /// Of a real device pictures must have come: the engine, the device's rights and V4L2 are in their way.
    private func lookAtPictures() {
        guard case .device(let device) = options.camera else { return }
        let path = Directories(run: options.run, state: state).pictures
        let pictures = PictureListener.differing(Self.pictures, at: path, within: Self.pictureLimit)
        report.pictures = pictures
        guard pictures < Self.pictures else { return }
        report.reasons.append(
            "Of \(device) \(pictures) pictures came in \(Int(Self.pictureLimit)) s that differ, not \(Self.pictures); see agent.log."
        )
    }

    /// Begins updates when it is time for them, and follows the one that runs.
    private func followUpdates(_ seconds: Double, until landing: Double) throws(BenchFault) {
        if let update {
            phases.take(update.output, now: Double(da_now()) / 1e9)
            if !update.isRunning { endUpdate(seconds) }
        } else if updatesBegun < options.updates, seconds >= nextUpdateAt, seconds < landing - Self.updateTime {
            noteSteal(inUpdate: false)
            updatesBegun += 1
            phases = PhaseReader()
            report.updates.append(
                FlightReport.Phase(name: "update \(updatesBegun)", begin: Double(da_now()) / 1e9, end: 0))
            update = try start(
                "update-\(updatesBegun)", "droneagent",
                ["update", options.next, "--json"] + (updatesBegun > 1 || isSame ? ["--again"] : []) + folders)
        }
    }
    private var update: Child?
    private var updatesBegun = 0
    private var nextUpdateAt = Double.infinity
    private var ended: [FlightJudge.SameImage.Update] = []

    private func endUpdate(_ seconds: Double) {
        guard let command = update else { return }
        update = nil
        noteSteal(inUpdate: true)
        phases.take(command.output, now: Double(da_now()) / 1e9)
        report.updates[report.updates.count - 1].end = Double(da_now()) / 1e9
        if updatesBegun == 1 { report.phases = phases.phases }
        ended.append(.init(shadowBegan: phases.phases.first { $0.name == "shadowing" }?.begin, code: command.exitCode))
        nextUpdateAt = seconds + options.updatePause
        if command.exitCode != 0 {
            report.reasons.append(
                "'droneagent update \(options.next)' (\(command.name)) ended with code \(command.exitCode): \(command.output.split(separator: "\n").last ?? "")"
            )
        }
    }

    /// Adds the host's steal time since the last call to one side.
    private func noteSteal(inUpdate: Bool) {
        let now = StealTime.seconds()
        let since = now - stealBefore
        stealBefore = now
        if inUpdate { report.stealS.update += since } else { report.stealS.noUpdate += since }
    }
    private var stealBefore = StealTime.seconds()

    private func stopAll() {
        for child in children.reversed() { child.stop() }
        children.removeAll()
    }

    // MARK: Verdict

    private func judge() throws(BenchFault) {
        do {
            let board = try BoardImage.read(state + "/board.bin")
            let script = ScriptedPilot(manoeuvreSeconds: options.manoeuvreSeconds)
            let began = pilotBegan
            var evidence = FlightJudge.Evidence(
                motors: try RecordFile.read(worldFolder + "/" + BridgeServer.motorLogName),
                truth: try RecordFile.read(worldFolder + "/" + BridgeServer.truthLogName),
                // The chain from the chips to the owner runs on the last CPU; what others miss excuses nothing.
                stalls: try RecordFile.read(worldFolder + "/" + BridgeServer.stallLogName)
                    .filter { $0.cpu == da_cpu_count() - 1 },
                logs: try commandLogs(), updates: report.updates,
                encoding: PCA9685.Encoding(board),
                period: 1_000_000_000 / UInt64(board.tick_rate),
                climb: { $0 < began ? 0 : Double(script.ask(at: Double($0 - began) / 1e9).setpoint.climb) },
                manoeuvres: began + UInt64(script.manoeuvresBegin * 1e9)..<began + UInt64(script.landingBegins * 1e9),
                old: order.first ?? "", new: order.dropFirst().first ?? "")
            evidence.sameImage = FlightJudge.SameImage.pairs(drivers: order, updates: ended, isFirst: isSame)
            evidence.isEmulated = options.emulated
            noteSteal(inUpdate: false)
            FlightJudge.judge(evidence, into: &report)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            try encoder.encode(report).write(to: URL(fileURLWithPath: options.out + "/report.json"))
            try report.junit.write(to: options.out + "/flight.xml")
        } catch let fault as BenchFault { throw fault } catch {
            throw BenchFault("The flight cannot be judged: \(error)")
        }
    }

    /// Instances in the order in which they first drove.
    private var order: [String] = []

    private var isSame: Bool { options.first == options.next }

    private func commandLogs() throws(BenchFault) -> [String: [da_command_record]] {
        let logs = try KeptLogs(of: options.run + "/instances", in: options.keptLogs).read()
        let firsts = logs.compactMapValues { log in log.first { $0.epoch > 0 }?.tick }
        order = firsts.sorted { $0.value < $1.value }.map(\.key)
        return logs
    }
}
