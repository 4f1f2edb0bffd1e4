import CContract
import FlightCore
import Simulator

/// One long flight with updates and as long times without, taking turns: how late are the motor writes?
struct LatenessFlight {
    private static let name = "lateness of motor writes, p99, update / no update"
    private static let goal = "lower bound ≤ 1.10"
    private static let limit = 1.10
    /// A 95 % interval wider than this says nothing.
    private static let widthMax = 0.3
    /// s that an update takes, from command to end, and that is left to fly behind the last one.
    private static let updateSeconds = 9.5
    private static let pause = 10.0

    private let options: MeasureOptions

    init(_ options: MeasureOptions) { self.options = options }

    func figures() throws(BenchFault) -> [Figure] {
        var flight = FlyOptions()
        flight.engine = options.engine
        flight.registry = options.registry
        flight.board = options.board
        flight.out = options.out + "/lateness"
        flight.run = options.run
        flight.programs = options.programs
        // The first goes from v1 to v2, the others from v2 to v2; both count.
        flight.updates = options.quick ? 2 : 31
        flight.updateAt = 2
        flight.updatePause = Self.pause
        flight.manoeuvreSeconds = Double(flight.updates) * (Self.updateSeconds + Self.pause) + 5
        flight.batteries = 10
        let report = try FlyRun(flight).fly()
        let lateness = Lateness(
            try ledger(flight).entries.map { ($0.scheduled, $0.written) },
            updates: report.updates.map { ($0.begin, $0.end) })
        return [figure(lateness, report)]
    }

    private func figure(_ lateness: Lateness, _ report: FlightReport) -> Figure {
        guard let ratio = lateness.ratio else {
            return Figure(
                unmeasured: Self.name, goal: Self.goal,
                "The flight has no pair of windows: \(report.reasons.joined(separator: " "))")
        }
        let (with, without) = (lateness.update, lateness.noUpdate)
        var figure = Figure(
            name: Self.name, goal: Self.goal,
            measured:
                "\(decimal(ratio.median)) \(ratio.intervalText), \(decimal(with.p99, 0)) / \(decimal(without.p99, 0)) µs",
            verdict: ratio.width > Self.widthMax
                ? .inconclusive : ratio.interval.lowerBound <= Self.limit ? .met : .missed)
        figure.note(ratio)
        for (side, all) in [("update", with), ("no_update", without)] {
            figure.values["\(side)_p99_us"] = all.p99
            figure.values["\(side)_p99_9_us"] = all.p999
            figure.values["\(side)_max_us"] = all.max
            figure.values["\(side)_ticks"] = Double(all.count)
        }
        figure.remarks = [
            "Behind the earliest write of the flight; \(ratio.pairs) updates in one flight of manoeuvres, each paired with as long a time without one, \(with.count) and \(without.count) ticks; p99.9 \(decimal(with.p999, 0)) / \(decimal(without.p999, 0)) µs, largest \(decimal(with.max, 0)) / \(decimal(without.max, 0)) µs. The flight's own verdict: \(report.verdict.rawValue), missed \(report.missed), held \(report.held), two owners \(report.twoOwner), late \(report.late) / \(report.lateNoUpdate), \(report.hostStalls) stalls of the machine excused \(report.missedByStall + report.heldByStall + report.lateByStall) of \(report.ticks) ticks."
        ]
        return figure
    }

    /// What the flight left in its folder.
    private func ledger(_ flight: FlyOptions) throws(BenchFault) -> TickLedger {
        do {
            let board = try BoardImage.read(flight.run + "/state/board.bin")
            let world = flight.run + "/world/"
            let truth: [TruthRecord] = try RecordFile.read(world + BridgeServer.truthLogName)
            guard let window = FlightWindow.airborne(truth) else { throw BenchFault("The vehicle never flew.") }
            return TickLedger(
                motors: try RecordFile.read(world + BridgeServer.motorLogName),
                logs: try KeptLogs(of: flight.run + "/instances", in: flight.keptLogs).read(),
                encoding: PCA9685.Encoding(
                    oscillator: board.pwm_oscillator, rate: board.pwm_rate, pulse: (board.pulse_min, board.pulse_max),
                    channels: board.motor_channel),
                period: 1_000_000_000 / UInt64(board.tick_rate), window: window)
        } catch let fault as BenchFault { throw fault } catch {
            throw BenchFault("The flight's logs cannot be read: \(error)")
        }
    }
}
