public import CContract

/// Turns collective thrust and body torques into motor commands for a symmetric quadcopter X.
///
/// A motor at (x, y) with thrust T gives the torques (−y T, x T, spin · ratio · T): r × F with F = (0, 0, −T), and
/// the rotor's drag. The inverse for a symmetric frame is the transpose, scaled by the sums of squares.
@frozen
public struct Mixer: Sendable {
    @usableFromInline let rollShare: Motors
    @usableFromInline let pitchShare: Motors
    @usableFromInline let yawShare: Motors
    @usableFromInline let thrustMax: Float
    @usableFromInline let idle: Float

    @inlinable
    public init(_ vehicle: da_vehicle) {
        let x = Motors(vehicle.motor_x)
        let y = Motors(vehicle.motor_y)
        let spin = Motors(vehicle.spin)
        var xx: Float = 0
        var yy: Float = 0
        for motor in 0..<4 {
            xx += x[motor] * x[motor]
            yy += y[motor] * y[motor]
        }
        let ratio = 4 * clamp(vehicle.moment_ratio, 1e-4, 1)
        var roll = Motors(repeating: 0)
        var pitch = Motors(repeating: 0)
        var yaw = Motors(repeating: 0)
        for motor in 0..<4 {
            roll[motor] = -y[motor] / clamp(yy, 1e-4, 100)
            pitch[motor] = x[motor] / clamp(xx, 1e-4, 100)
            yaw[motor] = spin[motor] / ratio
        }
        (rollShare, pitchShare, yawShare) = (roll, pitch, yaw)
        thrustMax = clamp(vehicle.thrust_max, 1e-3, 1e4)
        idle = clamp(vehicle.command_idle, 0, 0.5)
    }

    /// Motor commands, 0 to 1, for a collective thrust in N and torques in N m (FRD).
    ///
    /// Where the motors cannot do it all, yaw is given up first, then the collective is moved so that roll and
    /// pitch stay whole.
    @inlinable @inline(__always)
    public func commands(thrust: Float, torque: Vector3) -> Motors {
        let share = clamp(thrust / 4, 0, thrustMax)
        var level = Motors(repeating: 0)
        var high: Float = 0
        var low: Float = 0
        for motor in 0..<4 {
            level[motor] = rollShare[motor] * torque.x + pitchShare[motor] * torque.y
            high = level[motor] > high ? level[motor] : high
            low = level[motor] < low ? level[motor] : low
        }
        let room = clamp(thrustMax - (high - low), 0, thrustMax) / 2
        var base = share
        if base + high > thrustMax { base = thrustMax - high }
        if base + low < 0 { base = -low }
        var motors = Motors(repeating: 0)
        for motor in 0..<4 {
            let yaw = clamp(yawShare[motor] * torque.z, -room, room)
            let wanted = clamp(base + level[motor] + yaw, 0, thrustMax)
            motors[motor] = clamp(squareRoot(wanted / thrustMax), idle, 1)
        }
        return motors
    }
}
