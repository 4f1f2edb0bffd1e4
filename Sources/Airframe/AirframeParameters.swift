package import CContract

/// What the simulated quadcopter is made of. Lengths in m, body frame FRD, motors in the contract's order
/// (front right, rear left, front left, rear right).
package struct AirframeParameters: Sendable {
    /// kg.
    package var mass = 1.0
    /// kg m², principal moments about x, y and z.
    package var inertia = Vector(0.0082, 0.0082, 0.0149)
    /// m, forward of the centre of mass.
    package var motorX = SIMD4(0.16, -0.16, 0.16, -0.16)
    /// m, right of the centre of mass.
    package var motorY = SIMD4(0.16, -0.16, -0.16, 0.16)
    /// +1: the propeller turns counter-clockwise seen from above, its drag turns the body nose right.
    package var spin = SIMD4(1.0, 1.0, -1.0, -1.0)
    /// N, one rotor at command 1 and the reference voltage.
    package var thrustMax = 5.5
    /// m, a rotor's drag moment over its thrust (Iris: 0.016).
    package var momentRatio = 0.016
    /// s, time constant of a rotor's speed.
    package var rotorLag = 0.02
    /// rad/s at command 1 and the reference voltage (Iris: 838).
    package var rotorSpeedMax = 838.0
    /// N/(m/s), body axes: blade flapping and induced drag, linear in the air's speed.
    package var dragLinear = Vector(0.25, 0.25, 0.15)
    /// N/(m/s)²: the frame's own drag.
    package var dragQuadratic = 0.02
    /// N m/(rad/s), body axes: what the rotors' inflow takes from a turn.
    package var dragTurning = Vector(0.003, 0.003, 0.001)

    /// m, where the feet stand forward and right of the centre of mass (one at each combination of signs).
    package var footReach = 0.12
    /// m below the centre of mass.
    package var footDrop = 0.08
    /// N/m of one foot: four of them let 1 kg sink in by 1.6 mm.
    package var footStiffness = 1500.0
    /// N/(m/s) of one foot: with the stiffness just about critical for 1 kg.
    package var footDamping = 40.0
    /// Rubber on concrete.
    package var footFriction = 0.8
    /// m/s downward at touch; beyond it the frame breaks.
    package var touchSpeedMax = 2.5
    /// rad; a vehicle that leans further while it touches the ground has hit with a rotor.
    package var touchTiltMax = 1.05

    package init() {}

    /// The airframe of a board file; drag and feet, of which it says nothing, are the defaults.
    package init(_ vehicle: da_vehicle) {
        mass = Double(vehicle.mass)
        inertia = Vector(Double(vehicle.inertia.0), Double(vehicle.inertia.1), Double(vehicle.inertia.2))
        motorX = Self.four(vehicle.motor_x)
        motorY = Self.four(vehicle.motor_y)
        spin = Self.four(vehicle.spin)
        thrustMax = Double(vehicle.thrust_max)
        momentRatio = Double(vehicle.moment_ratio)
        rotorLag = Double(vehicle.rotor_lag)
    }

    private static func four(_ array: (Float, Float, Float, Float)) -> SIMD4<Double> {
        SIMD4(Double(array.0), Double(array.1), Double(array.2), Double(array.3))
    }

    /// The command at which four rotors carry the weight at the reference voltage.
    package var hoverCommand: Double { (mass * gravity / (4 * thrustMax)).squareRoot() }
}

/// Standard gravity, m/s² (CGPM 1901).
package let gravity = 9.806_65
