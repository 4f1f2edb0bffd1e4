/// One long flight with updates and as long times without, taking turns: how late are the motor writes?
struct LatenessFlight {
    private static let name = "lateness of motor writes, p99, update / no update"
    private static let goal = "lower bound ≤ 1.10"
    private static let limit = 1.10
    /// A 95 % interval wider than this says nothing.
    private static let widthMax = 0.3
    /// s that an update takes, from command to end: 9 to 13, and these in the mean; and from its end to the next one, so
    /// that as long a time without one finds room.
    private static let updateSeconds = 11.5
    private static let pause = 13.0

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
        let writes = try FlightWrites(flight)
        let updates = report.updates.map { (begin: $0.begin, end: $0.end) }
        return [figure(writes.lateness(updates), all: writes.lateness(updates, stalled: true), report)]
    }

    private func figure(_ lateness: Lateness, all: Lateness, _ report: FlightReport) -> Figure {
        guard let ratio = lateness.ratio, let whole = all.ratio else {
            return Figure(
                unmeasured: Self.name, goal: Self.goal,
                "The flight has no pair of windows: \(report.reasons.joined(separator: " "))")
        }
        let (with, without) = (lateness.update, lateness.noUpdate)
        // A flight that an update harmed has met nothing, however punctual it was.
        let isMet = ratio.interval.lowerBound <= Self.limit && report.verdict != .fails
        var figure = Figure(
            name: Self.name, goal: Self.goal,
            measured:
                "\(decimal(ratio.median)) \(ratio.intervalText), \(decimal(with.p99, 0)) / \(decimal(without.p99, 0)) µs",
            verdict: ratio.width > Self.widthMax ? .inconclusive : isMet ? .met : .missed)
        figure.note(ratio)
        for (side, some) in [("update", with), ("no_update", without)] {
            figure.values["\(side)_p99_us"] = some.p99
            figure.values["\(side)_p99_9_us"] = some.p999
            figure.values["\(side)_max_us"] = some.max
            figure.values["\(side)_ticks"] = Double(some.count)
        }
        figure.values["ratio_all_ticks"] = whole.median
        figure.values["ratio_all_ticks_low"] = whole.interval.lowerBound
        figure.values["ratio_all_ticks_high"] = whole.interval.upperBound
        figure.remarks = [
            "Behind the earliest write of the flight; \(ratio.pairs) updates in one flight of manoeuvres, each paired with as long a time without one, \(with.count) and \(without.count) ticks; p99.9 \(decimal(with.p999, 0)) / \(decimal(without.p999, 0)) µs, largest \(decimal(with.max, 0)) / \(decimal(without.max, 0)) µs. Left out are \(lateness.leftOut.update) and \(lateness.leftOut.noUpdate) ticks over which the machine stalled; with them \(decimal(whole.median)) \(whole.intervalText), p99 \(decimal(all.update.p99, 0)) / \(decimal(all.noUpdate.p99, 0)) µs.",
            "The flight's own verdict: \(report.verdict.rawValue), missed \(report.missed), held \(report.held), two owners \(report.twoOwner), late \(report.late) / \(report.lateNoUpdate), \(report.hostStalls) stalls of the machine excused \(report.missedByStall + report.heldByStall + report.lateByStall) of \(report.ticks) ticks.",
        ]
        return figure
    }
}
