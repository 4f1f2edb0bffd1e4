internal import Glibc

/// Four rotors with first-order lag: speed follows the command, thrust goes with its square.
package struct Rotors: Sendable {
    /// Fraction of the speed at command 1 and reference voltage.
    package private(set) var speed: SIMD4<Double>
    private let follow: Double

    package init(_ airframe: AirframeParameters, seconds: Double, speed: SIMD4<Double> = .zero) {
        self.speed = speed
        follow = 1 - exp(-seconds / airframe.rotorLag)
    }

    /// Moves on by one step.
    ///
    /// - Parameters:
    ///   - command: 0 to 1 of each motor.
    ///   - voltage: the battery's over the reference: an ESC's output voltage is a fraction of it.
    @inline(__always)
    package mutating func step(command: SIMD4<Double>, voltage: Double) {
        speed += (command * voltage - speed) * follow
    }

    /// N of each rotor, up (-z of the body).
    @inline(__always)
    package func thrust(_ airframe: AirframeParameters) -> SIMD4<Double> { speed * speed * airframe.thrustMax }

    /// N m on the body (FRD). A thrust T at (x, y) gives (-y T, x T); its drag turns against its own spin.
    @inline(__always)
    package static func torque(_ thrust: SIMD4<Double>, _ airframe: AirframeParameters) -> Vector {
        Vector(
            -(airframe.motorY * thrust).sum(), (airframe.motorX * thrust).sum(),
            (airframe.spin * thrust).sum() * airframe.momentRatio)
    }
}
