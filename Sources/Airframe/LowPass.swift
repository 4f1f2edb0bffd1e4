internal import Glibc

/// A low pass of first order with a delay behind it: the IMU's filter as its data sheet gives it, by
/// bandwidth and total delay.
package struct LowPass: Sendable {
    private static let slots = 16

    private let follow: Double
    private let delaySteps: Int
    private var state = Vector.zero
    private var line = InlineArray<16, Vector>(repeating: .zero)
    private var at = 0
    package private(set) var previous = Vector.zero
    package private(set) var output = Vector.zero

    /// - Parameters:
    ///   - bandwidth: Hz, -3 dB.
    ///   - delay: s in all; what the low pass itself (1/2πf) does not give is a pure delay, cut at 15 steps.
    ///   - step: s between two inputs.
    package init(bandwidth: Double, delay: Double, step: Double) {
        follow = 1 - exp(-2 * Double.pi * bandwidth * step)
        let own = 1 / (2 * Double.pi * bandwidth)
        delaySteps = max(0, min(Self.slots - 1, Int(((delay - own) / step).rounded())))
    }

    @inline(__always)
    package mutating func feed(_ input: Vector) {
        state += (input - state) * follow
        at = (at + 1) & (Self.slots - 1)
        line[at] = state
        previous = output
        output = line[(at - delaySteps) & (Self.slots - 1)]
    }
}
