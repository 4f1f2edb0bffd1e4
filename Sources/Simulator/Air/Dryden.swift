package import Airframe
internal import Glibc

/// Dryden gusts at low altitude (MIL-F-8785C 3.7.2 and 3.7.3.4), as exact discretisations of their filters:
/// standard deviation and correlation do not depend on the step.
///
/// Along the wind the filter is of first order, correlation exp(-t/T); across and vertical of second order,
/// correlation exp(-t/T)(1 - t/2T), with T = L/V.
package struct Dryden: Sendable {
    /// m/s: along the mean wind, across it (right), down.
    package private(set) var gust = Vector.zero
    private var along = 0.0
    private var across = (0.0, 0.0)
    private var vertical = (0.0, 0.0)
    private var random: RandomSource

    package init(random: RandomSource) {
        self.random = random
        // From the stationary distribution, so that no run-in is needed.
        along = self.random.gaussian()
        across = Self.stationary(&self.random)
        vertical = Self.stationary(&self.random)
    }

    /// Scale lengths in m and standard deviations in m/s at a height.
    package struct Scale: Equatable, Sendable {
        package var lengthHorizontal: Double
        package var lengthVertical: Double
        package var deviationHorizontal: Double
        package var deviationVertical: Double

        /// - Parameters:
        ///   - height: m above ground; held to the model's 10 to 1000 ft.
        ///   - wind20: m/s, mean wind at 20 ft.
        package init(height: Double, wind20: Double) {
            let metresPerFoot = 0.3048
            let feet = max(10, min(1000, height / metresPerFoot))
            let shape = 0.177 + 0.000_823 * feet
            lengthVertical = feet * metresPerFoot
            lengthHorizontal = feet / pow(shape, 1.2) * metresPerFoot
            deviationVertical = 0.1 * wind20
            deviationHorizontal = deviationVertical / pow(shape, 0.4)
        }
    }

    /// Moves on by `seconds` at `airspeed` m/s through the frozen field.
    package mutating func step(_ scale: Scale, airspeed: Double, seconds: Double) {
        let passHorizontal = seconds * airspeed / scale.lengthHorizontal
        let passVertical = seconds * airspeed / scale.lengthVertical
        let fade = exp(-passHorizontal)
        along = fade * along + (1 - fade * fade).squareRoot() * random.gaussian()
        Self.step(&across, pass: passHorizontal, &random)
        Self.step(&vertical, pass: passVertical, &random)
        gust = Vector(
            scale.deviationHorizontal * along,
            scale.deviationHorizontal * Self.output(across),
            scale.deviationVertical * Self.output(vertical))
    }

    // The second-order filter (1 + √3 T s)/(1 + T s)² as two equal lags in a row driven by white noise:
    // x' = (w - x)/T, y' = (x - y)/T, output √3 x + (1 - √3) y. Stationary with output variance 1:
    // var x = 1/2, var y = 1/4, cov = 1/4.

    private static func output(_ state: (Double, Double)) -> Double {
        let root = 3.0.squareRoot()
        return root * state.0 + (1 - root) * state.1
    }

    private static func stationary(_ random: inout RandomSource) -> (Double, Double) {
        let x = 0.5.squareRoot() * random.gaussian()
        // y given x: mean x/2, variance 1/4 - 1/8.
        return (x, x / 2 + 0.125.squareRoot() * random.gaussian())
    }

    /// The exact step over `pass` = t/T: transition Φ = e^-p [1 0; p 1], noise Q = P - Φ P Φᵀ.
    private static func step(_ state: inout (Double, Double), pass p: Double, _ random: inout RandomSource) {
        let fade = exp(-p)
        let fade2 = fade * fade
        let qxx = 0.5 * (1 - fade2)
        let qxy = 0.25 - fade2 * (0.25 + 0.5 * p)
        let qyy = 0.25 - fade2 * (0.25 + 0.5 * p + 0.5 * p * p)
        let lxx = max(0, qxx).squareRoot()
        let lxy = lxx > 0 ? qxy / lxx : 0
        let lyy = max(0, qyy - lxy * lxy).squareRoot()
        let (n0, n1) = (random.gaussian(), random.gaussian())
        state = (
            fade * state.0 + lxx * n0,
            fade * (state.1 + p * state.0) + lxy * n0 + lyy * n1
        )
    }
}
