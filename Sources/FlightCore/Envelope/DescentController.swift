package import CContract
package import Contract

/// The built-in failsafe: level attitude and a controlled descent. It flies when no container can.
package struct DescentController: BitwiseCopyable, Sendable {
    /// Angle error to body rate, 1/s.
    private static let attitudeGain: Float = 5
    /// Body rates asked for are limited, rad/s: a failsafe is calm.
    private static let rateLimit: Float = 3
    /// Rate error to angular acceleration, 1/s.
    private static let rateGain: Float = 20
    private static let yawRateGain: Float = 6
    /// Integrator of the rate loop, 1/s², for unlike motors; its limit in rad/s².
    private static let rateIntegralGain: Float = 20
    private static let rateIntegralLimit: Float = 20
    /// Climb error to acceleration, 1/s, and its integrator, 1/s².
    private static let climbGain: Float = 3
    private static let climbIntegralGain: Float = 1.5
    /// Limit of the vertical integrator, m/s²: hover thrust may be wrong by 40 %.
    private static let climbIntegralLimit: Float = 4

    private let mixer: Mixer
    private let inertia: Vector3
    private let mass: Float
    private var rateIntegral = Vector3.zero
    private var climbIntegral: Float = 0

    package init(_ vehicle: da_vehicle) {
        mixer = Mixer(vehicle)
        inertia = Vector3(vehicle.inertia)
        mass = vehicle.mass
    }

    /// Begins anew, with integrators at rest.
    @_noAllocation
    package mutating func reset() {
        rateIntegral = .zero
        climbIntegral = 0
    }

    /// Motor commands that level the vehicle and let it sink.
    ///
    /// - Parameters:
    ///   - state: the core's own view.
    ///   - gyro: body rates, rad/s.
    ///   - climbRate: wanted, m/s, up positive.
    ///   - period: s.
    /// - Returns: commands, 0 to 1.
    @_noAllocation
    package mutating func step(_ state: StateFilter, gyro: Vector3, climbRate: Float, period: Float) -> Motors {
        let down = state.attitude.downInBody
        // (0, 0, 1) × down is the axis and sine of the angle that levels the body.
        let level = Vector3(-down.y, down.x, 0)
        // Beyond 90 degrees the sine falls again: keep turning at full rate.
        let lean = level.norm
        let stretch = down.z >= 0 ? 1 : 1 / clamp(lean, 0.1, 1)
        let wanted = (level * (Self.attitudeGain * stretch)).clamped(Self.rateLimit)
        let error = wanted - gyro
        rateIntegral = (rateIntegral + error * (Self.rateIntegralGain * period)).clamped(Self.rateIntegralLimit)
        let angular = Vector3(
            error.x * Self.rateGain + rateIntegral.x, error.y * Self.rateGain + rateIntegral.y,
            error.z * Self.yawRateGain + rateIntegral.z)
        let sinking = clamp(climbRate - state.climb, -3, 3)
        climbIntegral = clamp(
            climbIntegral + sinking * (Self.climbIntegralGain * period), -Self.climbIntegralLimit,
            Self.climbIntegralLimit)
        let upward = standardGravity + Self.climbGain * sinking + climbIntegral
        let thrust = mass * clamp(upward, 1, 2.2 * standardGravity) / clamp(down.z, 0.5, 1)
        return mixer.motors(thrust: thrust, torque: angular.scaled(by: inertia))
    }
}
