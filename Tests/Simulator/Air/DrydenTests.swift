import Airframe
import Glibc
import Simulator
import Testing

/// Against MIL-F-8785C's own formulas.
@Suite struct DrydenTests {
    private let step = 0.01
    private let airspeed = 5.0

    private func series(_ scale: Dryden.Scale, seed: UInt64, seconds: Double) -> [Vector] {
        var dryden = Dryden(random: RandomSource(seed: seed))
        return (0..<Int(seconds / step)).map { _ in
            dryden.step(scale, airspeed: airspeed, seconds: step)
            return dryden.gust
        }
    }

    private func correlation(_ values: [Vector], axis: Int, lag: Int) -> Double {
        var sum = 0.0
        for index in 0..<values.count - lag { sum += values[index][axis] * values[index + lag][axis] }
        return sum / Double(values.count - lag)
    }

    @Test func scalesAreThoseOfTheStandard() {
        let scale = Dryden.Scale(height: 20 * 0.3048, wind20: 10)
        // h = 20 ft: L_w = 20 ft, L_u = 20/(0.19346)^1.2 = 143.5 ft, σ_w = 1 m/s, σ_u = 1/(0.19346)^0.4.
        #expect(abs(scale.lengthVertical - 6.096) < 1e-3)
        #expect(abs(scale.lengthHorizontal - 143.5 * 0.3048) < 0.2)
        #expect(scale.deviationVertical == 1)
        #expect(abs(scale.deviationHorizontal - 1.929) < 0.005)
        #expect(Dryden.Scale(height: 0, wind20: 10) == Dryden.Scale(height: 3.048, wind20: 10))
    }

    @Test func deviationAndCorrelationAreThoseOfTheFilters() {
        let scale = Dryden.Scale(height: 6, wind20: 6)
        // An hour; the vertical scale length passes in 1.2 s, the horizontal one in 9 s.
        let values = series(scale, seed: 11, seconds: 3600)
        let deviation = [scale.deviationHorizontal, scale.deviationHorizontal, scale.deviationVertical]
        let length = [scale.lengthHorizontal, scale.lengthHorizontal, scale.lengthVertical]
        for axis in 0..<3 {
            let variance = correlation(values, axis: axis, lag: 0)
            let tolerance = axis == 2 ? 0.08 : 0.2
            #expect(abs(variance / (deviation[axis] * deviation[axis]) - 1) < 2 * tolerance)
            for part in [0.3, 1.0] {
                let time = part * length[axis] / airspeed
                let measured = correlation(values, axis: axis, lag: Int(time / step)) / variance
                let expected = axis == 0 ? exp(-part) : exp(-part) * (1 - part / 2)
                #expect(abs(measured - expected) < tolerance, "axis \(axis) at \(part): \(measured), \(expected)")
            }
        }
    }

    @Test func theStepDoesNotChangeTheVariance() {
        let scale = Dryden.Scale(height: 6, wind20: 6)
        var coarse = Dryden(random: RandomSource(seed: 2))
        var sum = 0.0
        let count = 20_000
        for _ in 0..<count {
            coarse.step(scale, airspeed: airspeed, seconds: 2)
            sum += coarse.gust.z * coarse.gust.z
        }
        #expect(abs(sum / Double(count) / (scale.deviationVertical * scale.deviationVertical) - 1) < 0.05)
    }

    @Test func theMeanWindGrowsWithHeight() {
        #expect(abs(Wind.mean(speed20: 5, height: 6.096) - 5) < 1e-6)
        #expect(Wind.mean(speed20: 5, height: 12) > 5)
        #expect(Wind.mean(speed20: 5, height: 1) < 5)
        #expect(Wind.mean(speed20: 5, height: -1) > 0)
    }
}
