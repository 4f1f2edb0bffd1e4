package import Agent

/// How fast bytes come and when they are all there, told from the amounts as they come. Pure: the time is given.
package struct Pace: Equatable, Sendable {
    /// The rate is that of the last ten seconds: a network's changes, and a person wants to know what it is now.
    private static let window: UInt64 = 10_000_000_000
    /// Between two amounts that are kept, ns; so at most 21 are.
    private static let step: UInt64 = 500_000_000
    /// No rate is told from less, ns.
    private static let least: UInt64 = 1_000_000_000
    /// s; who says more knows nothing.
    private static let longest = 86_400.0

    private struct Amount: Equatable {
        var time: UInt64
        var done: UInt64
    }

    private var phase: String?
    private var total: UInt64?
    private var kept: [Amount] = []
    private var newest: Amount?

    package init() {}

    /// Takes a line of progress in, at this time, ns of any clock that does not go back.
    package mutating func take(_ line: AgentLine, at time: UInt64) {
        guard line.unit == "bytes", let done = line.done else {
            self = Pace()
            return
        }
        // Another phase, or a layer that is fetched anew.
        if line.phase != phase || line.total != total || done < newest?.done ?? 0 || time < newest?.time ?? 0 {
            self = Pace()
            (phase, total) = (line.phase, line.total)
        }
        let amount = Amount(time: time, done: done)
        newest = amount
        kept.removeAll { time - $0.time > Self.window }
        if kept.last.map({ time - $0.time >= Self.step }) ?? true { kept.append(amount) }
    }

    /// Such as "1.2 MB/s, 7 s left"; nil: not known yet.
    package var text: String? {
        guard let newest, let oldest = kept.first, newest.time - oldest.time >= Self.least else { return nil }
        let rate = Double(newest.done - oldest.done) * 1e9 / Double(newest.time - oldest.time)
        let (scale, decimals, unit) = byteScale(UInt64(min(rate, 1e15)))
        let speed = "\(fixed(rate / scale, decimals)) \(unit)/s"
        guard let total, total > newest.done, rate > 0 else { return speed }
        let left = Double(total - newest.done) / rate
        return left < Self.longest ? "\(speed), \(durationText(left.rounded(.up))) left" : speed
    }
}

/// Such as "7 s", "3 min 5 s", "2 h 3 min"; whole seconds.
package func durationText(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "unknown" }
    let whole = Int(seconds)
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    default: return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
