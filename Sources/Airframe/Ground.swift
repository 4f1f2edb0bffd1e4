/// Four feet on a flat, level ground: spring, damper and friction.
///
/// Friction is Coulomb's, made smooth: below `creep` it grows with the slip, so that a standing vehicle
/// settles instead of chattering.
package struct Ground: Sendable {
    /// m/s: slip at which friction is full.
    private let creep = 0.02
    /// N/(m/s): bounds the smoothed friction of a foot that hits hard, so that a 250 µs step stays stable.
    private let slipMax = 300.0
    private let airframe: AirframeParameters
    /// m: how far the feet sink in at rest; the world's z = 0 is that rest.
    private let rest: Double

    package init(_ airframe: AirframeParameters) {
        self.airframe = airframe
        rest = airframe.mass * gravity / (4 * airframe.footStiffness)
    }

    /// Force (N, NED) and torque (N m, FRD) of the ground on the body, and whether a foot touches it.
    package func contact(_ body: RigidBody) -> (force: Vector, torque: Vector, touches: Bool) {
        // Higher than the legs are long in any attitude: nothing touches.
        guard body.position.z > -0.2 else { return (.zero, .zero, false) }
        var force = Vector.zero
        var torque = Vector.zero
        var touches = false
        for foot in 0..<4 {
            let arm = Vector(
                foot & 1 == 0 ? airframe.footReach : -airframe.footReach,
                foot & 2 == 0 ? airframe.footReach : -airframe.footReach, airframe.footDrop)
            let depth = body.position.z + body.attitude.rotate(arm).z - airframe.footDrop + rest
            guard depth > 0 else { continue }
            touches = true
            let velocity = body.velocity + body.attitude.rotate(body.rate.cross(arm))
            let press = max(0, airframe.footStiffness * depth + airframe.footDamping * velocity.z)
            let slip = (velocity.x * velocity.x + velocity.y * velocity.y).squareRoot()
            let grip = min(airframe.footFriction * press / max(slip, creep), slipMax)
            let push = Vector(-grip * velocity.x, -grip * velocity.y, -press)
            force += push
            torque += arm.cross(body.attitude.unrotate(push))
        }
        return (force, torque, touches)
    }
}
