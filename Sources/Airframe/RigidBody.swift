/// Position, attitude and their rates of change of one rigid body.
package struct RigidBody: Equatable, Sendable {
    /// m, NED, of the centre of mass; z = 0 is where it rests on its feet.
    package var position = Vector.zero
    /// m/s, NED.
    package var velocity = Vector.zero
    package var attitude = Attitude.level
    /// rad/s, FRD.
    package var rate = Vector.zero

    package init() {}

    /// Moves on by `seconds`. Exact for a constant force; the turning is a midpoint step (second order).
    ///
    /// - Parameters:
    ///   - force: N, NED, gravity included.
    ///   - torque: N m, FRD.
    ///   - mass: kg.
    ///   - inertia: kg m², about the body's axes, which are the principal ones.
    ///   - seconds: length of the step.
    @inline(__always)
    package mutating func step(force: Vector, torque: Vector, mass: Double, inertia: Vector, seconds: Double) {
        let acceleration = force / mass
        position += (velocity + acceleration * (seconds / 2)) * seconds
        velocity += acceleration * seconds
        let first = (torque - rate.cross(inertia * rate)) / inertia
        let middle = rate + first * (seconds / 2)
        let second = (torque - middle.cross(inertia * middle)) / inertia
        rate += second * seconds
        attitude = attitude.turned(by: middle, for: seconds)
    }

    /// Kinetic energy, J.
    package func kineticEnergy(mass: Double, inertia: Vector) -> Double {
        (mass * velocity.dot(velocity) + rate.dot(inertia * rate)) / 2
    }
}
