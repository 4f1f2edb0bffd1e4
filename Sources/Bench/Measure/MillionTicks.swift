import CContract
import CPlatform
import Contract
import FoundationEssentials
import Simulator

/// A million ticks in flight as fast as they go: allocations and page faults of the tick, and memory of core, agent and
/// container.
///
/// Core, world and a second v1 that only shadows run under the interposed library, whose clock jumps to the end of each
/// sleep of the tick and of each transfer. Agent and the container that flies run as they are.
struct MillionTicks {
    /// Ticks until what is lazy has been touched: most after half a minute of flight, but buffers that only a rare tick
    /// fills, and the allocator's own, take some minutes.
    private static let warm: UInt64 = 200_000
    /// s until the fast part must be over: ten times what it takes.
    private static let secondsMax = 900.0
    /// Bytes.
    private static let memoryLimits = (core: 10e6, agent: 60e6, container: 15e6)
    /// ns between two frames of the pilot: some 50 Hz of the flight's time, however fast it goes.
    private static let pilotPause: UInt64 = 2_000_000

    private let options: MeasureOptions

    init(_ options: MeasureOptions) { self.options = options }

    /// What is read before and behind the million.
    private struct Reading {
        var tick: UInt64
        var tickThread: ThreadCounters.Counts
        var busThread: ThreadCounters.Counts
        var controlThread: ThreadCounters.Counts
        /// Bytes resident of core, agent, container.
        var resident: [Double]
        /// Of it, what is no file's.
        var anonymous: [Double]
        var status: da_status
    }

    func figures() throws(BenchFault) -> [Figure] {
        let ticks: UInt64 = options.quick ? 100_000 : 1_000_000
        let counters = try ThreadCounters(shim: options.shim)
        var board = BenchBoard.make()
        // The pilot keeps real time, in which half a second of this flight is a few hundredths.
        board.pilot_timeout = 60
        let stage = try Stage(options, board: board)
        defer { stage.stop() }
        try stage.startWorld(batteries: 100, counters.environment)
        let core = try stage.startCore(record: "/dev/null", counters.environment)
        let agent = try stage.start("agent", "droneagent", ["serve", "--engine", options.engine] + stage.places)
        try stage.wait("the agent", of: agent) { FileManager.default.fileExists(atPath: stage.run + "/agent.sock") }
        let first = try stage.start(
            "start", "droneagent", ["start", "\(options.registry)/flight:v1"] + stage.places)
        try stage.wait("v1's container") { !first.isRunning }
        guard first.exitCode == 0 else { throw BenchFault("v1 did not start: \(first.output)") }
        let shadow = try stage.startInstance("shadow", counters.environment)

        func read(_ status: da_status) -> Reading {
            let pids = [core.pid, agent.pid, container(status)]
            return Reading(
                tick: status.tick, tickThread: counters.counts(core.pid, "flight-tick"),
                busThread: counters.counts(core.pid, "flight-bus"),
                controlThread: counters.counts(shadow.pid, "flight-control"),
                resident: pids.map(ProcessFigures.residentBytes), anonymous: pids.map(ProcessFigures.anonymousBytes),
                status: status)
        }
        let control = try CoreControl(stage.core)
        try takeOff(control)
        let began = da_now()
        counters.runFast()
        let from = read(try fly(control, until: try control.status().tick + Self.warm))
        let to = read(try fly(control, until: from.tick + ticks))
        let seconds = Double(da_now() - began) / 1e9
        counters.runReal()
        guard to.status.mode == FlightMode.fly.rawValue else {
            throw BenchFault(
                "The flight ended before its million ticks: mode \(to.status.mode), cause \(to.status.cause), at tick \(to.tick); skipped \(to.status.ticks_skipped), late \(to.status.ticks_late), held \(to.status.ticks_held), failsafe \(to.status.ticks_failsafe); see measure-core.log."
            )
        }
        guard from.tickThread.threads == 1, from.busThread.threads >= 1, from.controlThread.threads == 1 else {
            throw BenchFault("The interposed library counts no flight-tick, flight-bus and flight-control thread.")
        }
        return figures(from, to, seconds)
    }

    /// Pid of the owner.
    private func container(_ status: da_status) -> Int32 {
        let all = status.instance
        return [all.0, all.1, all.2, all.3].first { $0.role == UInt8(DA_ROLE_OWNER.rawValue) }?.pid ?? 0
    }

    // MARK: Flight

    /// By the scripted pilot, in real time.
    private func takeOff(_ control: CoreControl) throws(BenchFault) {
        let script = ScriptedPilot(manoeuvreSeconds: 1e9)
        let begin = da_now()
        while true {
            let seconds = Double(da_now() - begin) / 1e9
            let ask = script.ask(at: seconds)
            let status = try control.ask(.pilot, setpoint: ask.setpoint).status
            switch (ask.wish, FlightMode(rawValue: status.mode)) {
            case (.arm, .disarmed): _ = try control.ask(.arm)
            case (.takeoff(let height), .armed): _ = try control.ask(.takeoff, value: height)
            case (.fly, .fly): return
            default: break
            }
            guard seconds < Stage.patience else { throw BenchFault("The vehicle did not take off in time.") }
            da_sleep_until(da_now() + 20_000_000)
        }
    }

    /// Manoeuvres, in the flight's own time, until the core has done so many ticks.
    private func fly(_ control: CoreControl, until tick: UInt64) throws(BenchFault) -> da_status {
        let limit = da_now() + UInt64(Self.secondsMax * 1e9)
        var status = try control.status()
        let begin = status.now_ns
        while status.tick < tick {
            let seconds = Double(status.now_ns - begin) / 1e9
            status = try control.ask(.pilot, setpoint: ScriptedPilot.manoeuvre(at: seconds)).status
            guard da_now() < limit else {
                throw BenchFault("The million ticks took longer than \(Int(Self.secondsMax)) s.")
            }
            da_sleep_until(da_now() + Self.pilotPause)
        }
        return status
    }

    // MARK: Figures

    private func figures(_ from: Reading, _ to: Reading, _ seconds: Double) -> [Figure] {
        let ticks = Double(to.tick - from.tick)
        let allocations = [
            to.tickThread.allocations - from.tickThread.allocations,
            to.busThread.allocations - from.busThread.allocations,
            to.controlThread.allocations - from.controlThread.allocations,
        ]
        let faults = [
            to.tickThread.faults - from.tickThread.faults, to.busThread.faults - from.busThread.faults,
            to.controlThread.faults - from.controlThread.faults,
        ]
        func text(_ counts: [UInt64]) -> String { counts.map(String.init).joined(separator: " / ") }
        var tick = Figure(
            name: "heap allocations; page faults on the tick: tick, bus, control thread", goal: "0; 0",
            measured: "\(text(allocations)); \(text(faults))",
            verdict: (allocations + faults).allSatisfy { $0 == 0 } ? .met : .missed)
        tick.remarks = [
            "Over \(decimal(ticks, 0)) ticks of flight in \(decimal(seconds, 0)) s: the shipped core, its chips and a shadowing v1 with an interposed library whose clock jumps to the end of each sleep of the tick and of each transfer. Skipped \(to.status.ticks_skipped - from.status.ticks_skipped), late \(to.status.ticks_late - from.status.ticks_late), held \(to.status.ticks_held - from.status.ticks_held) ticks."
        ]
        tick.values = [
            "ticks": ticks, "seconds": seconds, "allocations": Double(allocations.reduce(0, +)),
            "faults": Double(faults.reduce(0, +)),
        ]
        return [tick, memory(from, to), growth(from, to)]
    }

    private func memory(_ from: Reading, _ to: Reading) -> Figure {
        let limits = [Self.memoryLimits.core, Self.memoryLimits.agent, Self.memoryLimits.container]
        var figure = Figure(
            name: "resident memory: core; agent; container",
            goal: limits.map { "≤ \(decimal($0 / 1e6, 0)) MB" }.joined(separator: "; "),
            measured: to.resident.map(bytes).joined(separator: "; "),
            verdict: zip(to.resident, limits).allSatisfy { $0 > 0 && $0 <= $1 } ? .met : .missed)
        figure.values = [
            "core_bytes": to.resident[0], "agent_bytes": to.resident[1], "container_bytes": to.resident[2],
        ]
        return figure
    }

    private func growth(_ from: Reading, _ to: Reading) -> Figure {
        let grown = zip(to.resident, from.resident).map { $0 - $1 }
        var figure = Figure(
            name: "its growth over a million ticks", goal: "0; 0; 0",
            measured: grown.map(bytes).joined(separator: "; "),
            verdict: grown.allSatisfy { $0 <= 0 } ? .met : .missed)
        figure.values = ["core_bytes": grown[0], "agent_bytes": grown[1], "container_bytes": grown[2]]
        let anonymous = zip(to.anonymous, from.anonymous).map { $0 - $1 }
        figure.remarks = [
            "Of it \(anonymous.map(bytes).joined(separator: "; ")) are no file's. Counted from tick \(from.tick) on."
        ]
        return figure
    }
}
