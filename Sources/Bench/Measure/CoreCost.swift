import CPlatform
import FoundationEssentials
import Simulator

/// What the core costs, against a minimal core and controller in C (Tests/Reference) that do the same transfers on the
/// same simulated bus and the same exchange on the same sockets: time from sensing to actuating, and CPU.
struct CoreCost {
    private static let reactionLimits = (p50: 1.15, p99: 1.3)
    private static let cpuLimit = 1.3
    /// s before a window, for chips to be set up and caches to be warm; then the window.
    private static let settle = 2.0
    private static let window = 5.0

    /// One arm over one window.
    private struct Arm {
        /// µs from the instant at which the inertial data were taken to the end of the motor write.
        var reaction: Distribution
        /// s of CPU a second.
        var cpu: Double
        /// Of it, the thread that guards the bus; the reference has none.
        var busCpu: Double
    }

    private let options: MeasureOptions

    init(_ options: MeasureOptions) { self.options = options }

    func figures() throws(BenchFault) -> [Figure] {
        var arms: [(ours: Arm, other: Arm)] = []
        for number in 0..<(options.quick ? 2 : 8) {
            // Each first in turn, so that what one leaves behind meets both.
            if number % 2 == 0 {
                let ours = try measureOurs()
                arms.append((ours, try measureReference()))
            } else {
                let other = try measureReference()
                arms.append((try measureOurs(), other))
            }
        }
        return [
            reaction("p50", arms, limit: Self.reactionLimits.p50) { $0.p50 },
            reaction("p99", arms, limit: Self.reactionLimits.p99) { $0.p99 },
            cpu(arms),
        ]
    }

    private func reaction(
        _ name: String, _ arms: [(ours: Arm, other: Arm)], limit: Double, _ value: (Distribution) -> Double
    ) -> Figure {
        let pairs = arms.map { (ours: value($0.ours.reaction), other: value($0.other.reaction)) }
        var figure = Figure("sense to actuate, \(name), against C", PairedRatio(pairs), limit: limit)
        let (ours, other) = (middle(pairs.map(\.ours)), middle(pairs.map(\.other)))
        figure.measured += ", \(decimal(ours, 0)) / \(decimal(other, 0)) µs"
        figure.values["ours_us"] = ours
        figure.values["reference_us"] = other
        if name == "p50" {
            figure.remarks = [
                "From the instant at which the inertial data are taken to the STOP of the motor write, as the simulated chips see it; \(arms.count) pairs of \(Int(Self.window)) s, core and v1 as processes against core and controller in C."
            ]
        }
        return figure
    }

    private func cpu(_ arms: [(ours: Arm, other: Arm)]) -> Figure {
        let pairs = arms.map { (ours: $0.ours.cpu, other: $0.other.cpu) }
        var figure = Figure("CPU of the core at 500 Hz, against C", PairedRatio(pairs), limit: Self.cpuLimit)
        let (ours, other) = (middle(pairs.map(\.ours)), middle(pairs.map(\.other)))
        figure.measured += ", \(decimal(ours * 100, 1)) / \(decimal(other * 100, 1)) % of a CPU"
        let bus = middle(arms.map(\.ours.busCpu))
        figure.values["ours_share"] = ours
        figure.values["ours_bus_guard_share"] = bus
        figure.values["reference_share"] = other
        figure.remarks = [
            "On the ground, without a pilot or a record. Of ours \(decimal(bus * 100, 1)) % is the bus guard: each transfer runs on a thread of its own, so that a bus that hangs does not take the tick with it; the program in C would hang. The rest is \(decimal((ours - bus) / max(other, 1e-9))) of the program in C."
        ]
        return figure
    }

    private func middle(_ values: [Double]) -> Double { Distribution(values).p50 }

    // MARK: Arms

    private func measureOurs() throws(BenchFault) -> Arm {
        let stage = try Stage(options)
        defer { stage.stop() }
        try stage.startWorld()
        let core = try stage.startCore()
        try stage.raise(try stage.startInstance("v1"))
        try stage.grant("v1")
        return try measure(stage, core)
    }

    private func measureReference() throws(BenchFault) -> Arm {
        let stage = try Stage(options)
        defer { stage.stop() }
        try stage.startWorld()
        let folder = try stage.makeInstanceFolder("c")
        let core = try stage.start("reference-core", "ReferenceCore", [stage.bus, folder + "/tick.sock"])
        try stage.wait("the reference core", of: core) { FileManager.default.fileExists(atPath: folder + "/tick.sock") }
        try stage.raise(try stage.start("reference-controller", "ReferenceController", [folder + "/tick.sock"]))
        return try measure(stage, core)
    }

    private func measure(_ stage: Stage, _ core: Child) throws(BenchFault) -> Arm {
        da_sleep_until(da_now() + UInt64(Self.settle * 1e9))
        let (begin, before) = (da_now(), ProcessFigures.cpuSeconds(core.pid))
        let busBefore = ProcessFigures.cpuSeconds(core.pid, named: "flight-bus")
        da_sleep_until(begin + UInt64(Self.window * 1e9))
        let (end, after) = (da_now(), ProcessFigures.cpuSeconds(core.pid))
        let busAfter = ProcessFigures.cpuSeconds(core.pid, named: "flight-bus")
        guard core.isRunning else { throw BenchFault("\(core.name) ended: \(core.output.suffix(600))") }
        stage.stop()
        let writes: [MotorRecord]
        do { writes = try RecordFile.read(stage.world + "/" + BridgeServer.motorLogName) } catch {
            throw BenchFault("\(error)")
        }
        let reactions = writes.filter { (begin..<end).contains($0.stop) && $0.isComplete && $0.sampled > 0 }
            .map { Double($0.stop - $0.sampled) / 1e3 }
        let seconds = Double(end - begin) / 1e9
        let expected = seconds * 500
        // Fewer writes than ticks: the arm did not run as it should, and its figures would flatter it.
        guard Double(reactions.count) > 0.98 * expected else {
            throw BenchFault("\(core.name) wrote the motors \(reactions.count) times in \(decimal(expected, 0)) ticks.")
        }
        return Arm(
            reaction: Distribution(reactions), cpu: (after - before) / seconds, busCpu: (busAfter - busBefore) / seconds
        )
    }
}
