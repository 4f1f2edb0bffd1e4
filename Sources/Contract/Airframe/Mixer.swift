public import CContract

/// Collective thrust and torque to four motor commands, by the vehicle's geometry.
///
/// A motor at (x, y) with thrust f gives the torque (-y·f, x·f, spin·ratio·f) in the body frame (FRD). The
/// inverse used here holds for frames whose four columns are orthogonal: X and H of equal arms.
@frozen
public struct Mixer: BitwiseCopyable, Sendable {
    /// Thrust of each motor for 1 N m about x, y and z.
    @usableFromInline let roll: InlineArray<4, Float>
    @usableFromInline let pitch: InlineArray<4, Float>
    @usableFromInline let yaw: InlineArray<4, Float>
    /// N, one motor.
    @usableFromInline let thrustMax: Float
    @usableFromInline let thrustMin: Float
    @usableFromInline let idle: Float

    public init(_ vehicle: da_vehicle) {
        let x = InlineArray(vehicle.motor_x)
        let y = InlineArray(vehicle.motor_y)
        let spin = InlineArray(vehicle.spin)
        var sums: (x: Float, y: Float) = (0, 0)
        for motor in 0..<4 {
            sums.x += x[motor] * x[motor]
            sums.y += y[motor] * y[motor]
        }
        // Bounds keep a nonsensical vehicle from giving infinities.
        let (forward, right) = (clamp(sums.x, 1e-4, 1e4), clamp(sums.y, 1e-4, 1e4))
        let ratio = clamp(vehicle.moment_ratio, 1e-4, 1)
        var roll = InlineArray<4, Float>(repeating: 0)
        var pitch = roll
        var yaw = roll
        for motor in 0..<4 {
            roll[motor] = -y[motor] / right
            pitch[motor] = x[motor] / forward
            yaw[motor] = spin[motor] / (4 * ratio)
        }
        self.roll = roll
        self.pitch = pitch
        self.yaw = yaw
        idle = clamp(vehicle.command_idle, 0, 0.5)
        thrustMax = clamp(vehicle.thrust_max, 0.01, 1e4)
        thrustMin = thrustMax * idle * idle
    }

    /// Commands for `thrust` (N, all motors) and `torque` (N m, body). What does not fit is given up in this
    /// order: yaw, then height, then roll and pitch.
    @inlinable @inline(__always)
    public func motors(thrust: Float, torque: Vector3) -> Motors {
        var force = InlineArray<4, Float>(repeating: 0)
        for motor in 0..<4 { force[motor] = roll[motor] * torque.x + pitch[motor] * torque.y }
        let tilting = shrunk(force, to: thrustMax - thrustMin)
        let base = collective(thrust, tilting)
        // Room that roll, pitch and height leave to yaw.
        var share: Float = 1
        for motor in 0..<4 {
            let wish = yaw[motor] * torque.z
            let room = wish > 0 ? thrustMax - base - tilting[motor] : base + tilting[motor] - thrustMin
            let size = wish > 0 ? wish : -wish
            if size > room { share = lesser(share, clamp(room / size, 0, 1)) }
        }
        var commands = Motors(repeating: 0)
        for motor in 0..<4 {
            let wanted = base + tilting[motor] + share * yaw[motor] * torque.z
            commands[motor] = clamp(squareRoot(wanted / thrustMax), idle, 1)
        }
        return commands
    }

    /// All motors at idle.
    @inlinable @inline(__always) public var idling: Motors { Motors(repeating: idle) }

    /// Scaled down until the span between the least and the most fits into `room`.
    @inlinable @inline(__always)
    func shrunk(_ force: InlineArray<4, Float>, to room: Float) -> InlineArray<4, Float> {
        let (least, most) = bounds(force)
        guard most - least > room else { return force }
        var result = force
        for motor in 0..<4 { result[motor] = force[motor] * (room / (most - least)) }
        return result
    }

    /// Each motor's share of `thrust`, moved so that every motor stays between its limits.
    @inlinable @inline(__always)
    func collective(_ thrust: Float, _ tilting: InlineArray<4, Float>) -> Float {
        let (least, most) = bounds(tilting)
        return clamp(thrust / 4, thrustMin - least, thrustMax - most)
    }

    @inlinable @inline(__always)
    func bounds(_ force: InlineArray<4, Float>) -> (least: Float, most: Float) {
        var (least, most) = (force[0], force[0])
        for motor in 1..<4 {
            least = lesser(least, force[motor])
            most = greater(most, force[motor])
        }
        return (least, most)
    }
}
