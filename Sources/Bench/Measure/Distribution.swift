/// Measured values in order, for quantiles.
package struct Distribution: Sendable, Equatable {
    private let sorted: [Double]

    package init(_ values: [Double]) { sorted = values.sorted() }

    package var count: Int { sorted.count }
    package var max: Double { sorted.last ?? 0 }
    package var p50: Double { quantile(0.5) }
    package var p99: Double { quantile(0.99) }
    package var p999: Double { quantile(0.999) }

    /// The least value that `share` (0 to 1) of all values do not exceed (nearest rank); 0 without values.
    package func quantile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = (share * Double(sorted.count)).rounded(.up)
        return sorted[Swift.min(sorted.count - 1, Swift.max(0, Int(rank) - 1))]
    }
}
