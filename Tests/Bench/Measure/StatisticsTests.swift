import Bench
import Testing

@Suite struct StatisticsTests {
    @Test func aQuantileIsTheNearestRank() {
        let hundred = Distribution((1...100).map(Double.init).shuffled())
        #expect(hundred.p50 == 50 && hundred.p99 == 99 && hundred.p999 == 100 && hundred.max == 100)
        #expect(hundred.quantile(0) == 1 && hundred.quantile(1) == 100)
        #expect(Distribution([]).p99 == 0 && Distribution([7]).p50 == 7)
    }

    @Test func aRatioIsTheMiddleOfItsPairs() throws {
        let ratio = try #require(PairedRatio([(2, 1), (3, 1), (10, 1)]))
        #expect(ratio.median == 3 && ratio.pairs == 3)
        #expect(ratio.interval == 2...10, "three pairs say little")
        let even = try #require(PairedRatio([(1, 1), (2, 1)]))
        #expect(even.median == 1.5)
    }

    @Test func pairsWithoutAValueDoNotCount() {
        #expect(PairedRatio([]) == nil && PairedRatio([(1, 0), (0, 1)]) == nil)
        #expect(PairedRatio([(1, 0), (3, 1)])?.pairs == 1)
    }

    @Test func theIntervalNarrowsWithThePairsAndItsSeedReplaysIt() throws {
        let noisy = (0..<400).map { (ours: 1 + Double($0 * 7919 % 100) / 1000, other: 1.0) }
        let few = try #require(PairedRatio(Array(noisy.prefix(10))))
        let many = try #require(PairedRatio(noisy))
        #expect(many.width < few.width && many.interval.contains(many.median))
        #expect(try #require(PairedRatio(noisy)).interval == many.interval)
    }
}
