import Airframe
import Simulator

/// Ours over the other's, from pairs that were measured one right after the other, so that a change of the machine's
/// mood meets both.
package struct PairedRatio: Sendable {
    /// Draws of the bootstrap: the ends of a 95 % interval then wander by less than a hundredth.
    private static let draws = 10_000

    /// Median of the pairs' ratios: one pair that a stall of the machine fell into does not decide.
    package let median: Double
    /// 95 % interval of that median, by bootstrap over the pairs (Efron and Tibshirani 1993, percentile method).
    package let interval: ClosedRange<Double>
    package let pairs: Int

    /// Nil without a pair whose values are both above zero. The seed replays the interval exactly.
    package init?(_ pairs: [(ours: Double, other: Double)], seed: UInt64 = 1) {
        let ratios = pairs.filter { $0.ours > 0 && $0.other > 0 }.map { $0.ours / $0.other }
        guard !ratios.isEmpty else { return nil }
        var random = RandomSource(seed: seed)
        var medians: [Double] = []
        medians.reserveCapacity(Self.draws)
        var drawn = ratios
        for _ in 0..<Self.draws {
            for index in drawn.indices { drawn[index] = ratios[Int(random.next() % UInt64(ratios.count))] }
            medians.append(Self.median(of: drawn))
        }
        let spread = Distribution(medians)
        median = Self.median(of: ratios)
        interval = spread.quantile(0.025)...spread.quantile(0.975)
        self.pairs = ratios.count
    }

    package var width: Double { interval.upperBound - interval.lowerBound }

    /// The middle value, or the mean of both middle ones.
    private static func median(of values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
