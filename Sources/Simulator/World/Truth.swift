package import Airframe

/// What is really so in the simulated world.
package struct Truth: Sendable, Equatable {
    /// ns.
    package var time: UInt64
    /// m, NED; z = 0 is the vehicle at rest on the ground.
    package var position: Vector
    /// m/s, NED.
    package var velocity: Vector
    package var attitude: Attitude
    /// rad/s, FRD.
    package var rate: Vector
    /// Fraction of the nominal full speed of each rotor.
    package var rotorSpeed: SIMD4<Double>
    /// m/s, NED.
    package var wind: Vector
    /// V.
    package var batteryVoltage: Double
    /// A foot touches the ground.
    package var onGround: Bool
    package var crash: Crash?

    /// m above the ground.
    package var altitude: Double { -position.z }
    /// rad between the body's and the world's down.
    package var tilt: Double { attitude.tilt }
    package var crashed: Bool { crash != nil }
}

/// Why the vehicle is broken; the first reason stays.
package enum Crash: Sendable, Equatable {
    /// Touched down faster than its legs stand, m/s.
    case speed(Double)
    /// Touched the ground leaning, rad.
    case tilt(Double)
}
