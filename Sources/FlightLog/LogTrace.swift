/// One value over time, reduced to the least and the greatest of each of a bounded number of columns: a spike of one tick
/// stays in sight however long the flight.
package struct LogTrace {
    private struct Column {
        var low: Double
        var high: Double
    }

    package static let columnsMax = 1200
    /// s that a column begins with; it doubles when they are full.
    private static let firstWidth = 0.01

    private var columns: [Column?] = []
    private var width = LogTrace.firstWidth
    /// Of all values.
    package private(set) var low = Double.infinity
    package private(set) var high = -Double.infinity

    package init() {}

    package var isEmpty: Bool { columns.isEmpty }

    /// A value at a time (s, not negative); what is no number is left out.
    package mutating func add(_ value: Double?, at time: Double) {
        guard let value, value.isFinite, time.isFinite, time >= 0 else { return }
        while time / width >= Double(Self.columnsMax) { halve() }
        let index = Int(time / width)
        while columns.count <= index { columns.append(nil) }
        columns[index] = Self.merged(columns[index], Column(low: value, high: value))
        low = min(low, value)
        high = max(high, value)
    }

    /// From left to right; the greatest of a column before its least, so that a line through them shows both.
    package var points: [(time: Double, value: Double)] {
        columns.enumerated().flatMap { index, column -> [(time: Double, value: Double)] in
            guard let column else { return [] }
            let time = (Double(index) + 0.5) * width
            return column.low == column.high ? [(time, column.low)] : [(time, column.high), (time, column.low)]
        }
    }

    private mutating func halve() {
        columns = stride(from: 0, to: columns.count, by: 2).map { index in
            Self.merged(columns[index], index + 1 < columns.count ? columns[index + 1] : nil)
        }
        width *= 2
    }

    private static func merged(_ one: Column?, _ other: Column?) -> Column? {
        guard let one, let other else { return one ?? other }
        return Column(low: min(one.low, other.low), high: max(one.high, other.high))
    }
}
