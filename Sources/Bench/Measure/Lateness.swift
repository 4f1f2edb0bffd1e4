/// How late motor writes are in windows with and without an update, in pairs of equal length. Pure.
///
/// Ticks over which the machine stalled are left out where the stalls are given: of some 4,500 ticks in a window its
/// stalls meet about one in a hundred, so that the 99th percentile would tell the machine's mood.
package struct Lateness: Sendable {
    package struct Pair: Sendable {
        /// µs behind the earliest write of the flight, both sorted.
        package var update: Distribution
        package var noUpdate: Distribution
    }

    package let pairs: [Pair]
    /// All windows of a kind together.
    package let update: Distribution
    package let noUpdate: Distribution
    /// Ticks left out, by kind of window.
    package private(set) var leftOut = (update: 0, noUpdate: 0)

    /// s between the end of an update and the window without one behind it: containers end, disks settle.
    private static let pause = 0.5

    /// - Parameters:
    ///   - writes: of each tick, ns: when it was to begin, and when its motor write ended; 0: never.
    ///   - updates: s, CLOCK_MONOTONIC, from command to end; each is paired with as long a time behind it.
    ///   - stalls: ns, in the order of time; a tick that one overlaps is left out.
    ///   - period: of a tick, ns.
    package init(
        _ writes: [(scheduled: UInt64, written: UInt64)], updates: [(begin: Double, end: Double)],
        stalls: [Range<UInt64>] = [], period: UInt64 = 0
    ) {
        var late: [(at: UInt64, by: Double, isStalled: Bool)] = []
        late.reserveCapacity(writes.count)
        var next = 0
        for write in writes where write.written > write.scheduled {
            // The tick behind a stall begins in its wake.
            while next < stalls.count, stalls[next].upperBound + period <= write.scheduled { next += 1 }
            let isStalled = next < stalls.count && stalls[next].lowerBound < write.scheduled + period
            late.append((write.scheduled, Double(write.written - write.scheduled) / 1e3, isStalled))
        }
        // What the transfers of the lightest tick take cannot be late.
        let least = late.map(\.by).min() ?? 0
        func between(_ begin: Double, _ end: Double) -> (late: [Double], leftOut: Int) {
            let range = UInt64(begin * 1e9)..<UInt64(end * 1e9)
            let all = late.filter { range.contains($0.at) }
            let kept = all.filter { !$0.isStalled }.map { $0.by - least }
            return (kept, all.count - kept.count)
        }
        var pairs: [Pair] = []
        var (with, without): ([Double], [Double]) = ([], [])
        for (index, window) in updates.enumerated() where window.end > window.begin {
            let begin = window.end + Self.pause
            let end = begin + window.end - window.begin
            guard index + 1 >= updates.count || end <= updates[index + 1].begin else { continue }
            let (inUpdate, behind) = (between(window.begin, window.end), between(begin, end))
            guard !inUpdate.late.isEmpty, !behind.late.isEmpty else { continue }
            pairs.append(Pair(update: Distribution(inUpdate.late), noUpdate: Distribution(behind.late)))
            with += inUpdate.late
            without += behind.late
            leftOut.update += inUpdate.leftOut
            leftOut.noUpdate += behind.leftOut
        }
        self.pairs = pairs
        (update, noUpdate) = (Distribution(with), Distribution(without))
    }

    package var ratio: PairedRatio? { PairedRatio(pairs.map { ($0.update.p99, $0.noUpdate.p99) }) }
}
