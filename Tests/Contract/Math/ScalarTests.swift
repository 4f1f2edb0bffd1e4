import Contract
import Glibc
import Testing

/// The polynomials against libm, which only tests may use.
@Suite struct ScalarTests {
    private static let wild: [Float] = [
        .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0,
        -0.0,
    ]

    @Test func sineAndCosine() {
        var worst: Float = 0
        for step in -20_000...20_000 {
            let angle = Float(step) / 20_000 * Float.pi
            worst = max(
                worst, abs(Contract.sine(angle) - Glibc.sinf(angle)), abs(Contract.cosine(angle) - Glibc.cosf(angle)))
        }
        #expect(worst < 5e-6, "\(worst)")
        for value in Self.wild {
            #expect(abs(Contract.sine(value)) <= 1.00001 && abs(Contract.cosine(value)) <= 1.00001)
        }
    }

    @Test func arcTangentInAllQuadrants() {
        var worst: Float = 0
        for step in -18_000...18_000 {
            let angle = Float(step) / 18_000 * Float.pi * 0.99999
            for length: Float in [1e-6, 1, 1e6] {
                let (y, x) = (length * Glibc.sinf(angle), length * Glibc.cosf(angle))
                worst = max(worst, abs(arcTangent(y, x) - Glibc.atan2f(y, x)))
            }
        }
        #expect(worst < 1.2e-5, "\(worst)")
        #expect(arcTangent(0, 0) == 0 && arcTangent(.nan, .nan) == 0)
        #expect(abs(arcTangent(0, -1)) == .pi)
    }

    @Test func clampTakesWhatever() {
        #expect(clamp(0.5, 0, 1) == 0.5 && clamp(-1, 0, 1) == 0 && clamp(2, 0, 1) == 1)
        #expect(clamp(.infinity, -1, 1) == 1 && clamp(-.infinity, -1, 1) == -1)
        #expect(clamp(.nan, -1, 1) == 0 && clamp(.nan, 2, 3) == 2 && clamp(.nan, -3, -2) == -2)
    }

    @Test func squareRootOfWhatHasNone() {
        #expect(Contract.squareRoot(4) == 2 && Contract.squareRoot(-1) == 0 && Contract.squareRoot(.nan) == 0)
        for step in 1...1000 { #expect(Contract.squareRoot(Float(step)) == Float(step).squareRoot()) }
    }
}
