/// What unbalanced rotors and passing blades shake the IMU with: the first and second harmonic of each
/// rotor's speed, growing with the speed's square as a centrifugal force does.
package struct Vibration: Sendable {
    /// Cosine and sine of each rotor's angle, turned step by step (no library sine on the hot path).
    private var c = SIMD4<Double>.zero
    private var s = SIMD4<Double>.zero
    /// Each rotor's share, so that no two are unbalanced alike.
    private let unbalance: SIMD4<Double>
    private let speedMax: Double
    private let acceleration: Double
    private let turning: Double

    /// `acceleration` (m/s²) is the amplitude of one rotor's first harmonic at full speed, `turning` (rad/s)
    /// the same for the gyro.
    package init(rotorSpeedMax: Double, acceleration: Double, turning: Double, random: inout RandomSource) {
        speedMax = rotorSpeedMax
        self.acceleration = acceleration
        self.turning = turning
        unbalance = SIMD4(
            random.uniform(0.5, 1), random.uniform(0.5, 1), random.uniform(0.5, 1), random.uniform(0.5, 1))
        for rotor in 0..<4 {
            // A starting angle by the unit circle's rational points: no sine needed.
            let t = random.uniform(-1, 1)
            c[rotor] = (1 - t * t) / (1 + t * t)
            s[rotor] = 2 * t / (1 + t * t)
        }
    }

    /// Turns the rotors by one step and says what shakes the IMU: m/s² and rad/s, FRD.
    @inline(__always)
    package mutating func step(speed: SIMD4<Double>, seconds: Double) -> (force: Vector, rate: Vector) {
        let angle = speed * (speedMax * seconds)
        let a2 = angle * angle
        let cosineInner: SIMD4<Double> = 0.5 - a2 * (1.0 / 24)
        let sineInner: SIMD4<Double> = (1.0 / 6) - a2 * (1.0 / 120)
        let ca: SIMD4<Double> = 1 - a2 * cosineInner
        let sa: SIMD4<Double> = angle * (1 - a2 * sineInner)
        let turned = c * ca - s * sa
        s = s * ca + c * sa
        c = turned
        let square: SIMD4<Double> = c * c + s * s
        let length: SIMD4<Double> = (3 - square) * 0.5  // one Newton step towards length 1
        c *= length
        s *= length
        let share = speed * speed * unbalance
        let first = (share * c).sum()
        let quarter = (share * s).sum()
        let second = (share * c * s).sum()  // half the sine of twice the angle: the blades passing
        return (
            Vector(first, quarter, 0.5 * first + second) * acceleration,
            Vector(quarter, first, 0.3 * second) * turning
        )
    }
}
