/// How late motor writes are in windows with and without an update, in pairs of equal length. Pure.
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

    /// s between the end of an update and the window without one behind it: containers end, disks settle.
    private static let pause = 0.5

    /// - Parameters:
    ///   - writes: of each tick, ns: when it was to begin, and when its motor write ended; 0: never.
    ///   - updates: s, CLOCK_MONOTONIC, from command to end; each is paired with as long a time behind it.
    package init(_ writes: [(scheduled: UInt64, written: UInt64)], updates: [(begin: Double, end: Double)]) {
        var late: [(at: UInt64, by: Double)] = []
        late.reserveCapacity(writes.count)
        for write in writes where write.written > write.scheduled {
            late.append((write.scheduled, Double(write.written - write.scheduled) / 1e3))
        }
        // What the transfers of the lightest tick take cannot be late.
        let least = late.map(\.by).min() ?? 0
        func between(_ begin: Double, _ end: Double) -> [Double] {
            let range = UInt64(begin * 1e9)..<UInt64(end * 1e9)
            return late.filter { range.contains($0.at) }.map { $0.by - least }
        }
        var pairs: [Pair] = []
        var (with, without): ([Double], [Double]) = ([], [])
        for (index, window) in updates.enumerated() where window.end > window.begin {
            let begin = window.end + Self.pause
            let end = begin + window.end - window.begin
            guard index + 1 >= updates.count || end <= updates[index + 1].begin else { continue }
            let (inUpdate, behind) = (between(window.begin, window.end), between(begin, end))
            guard !inUpdate.isEmpty, !behind.isEmpty else { continue }
            pairs.append(Pair(update: Distribution(inUpdate), noUpdate: Distribution(behind)))
            with += inUpdate
            without += behind
        }
        self.pairs = pairs
        (update, noUpdate) = (Distribution(with), Distribution(without))
    }

    package var ratio: PairedRatio? { PairedRatio(pairs.map { ($0.update.p99, $0.noUpdate.p99) }) }
}
