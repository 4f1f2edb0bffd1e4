package import CContract
import Contract

/// Which channel is which stick, and what its widths mean, as the board file says it.
package struct StickMap: BitwiseCopyable, Sendable {
    /// rad/s that a yaw stick asks for at its end, and the most that any pilot may.
    package static let yawRate: Float = 4

    private let roll: UInt8
    private let pitch: UInt8
    private let climb: UInt8
    private let yaw: UInt8
    private let reversed: UInt8
    private let failsafeChannel: UInt8
    /// s.
    private let failsafeBelow: Float
    private let least: Float
    private let centre: Float
    private let most: Float
    private let deadband: Float
    private let tiltLimit: Float
    private let climbMax: Float

    package init(_ board: da_board) {
        let receiver = board.receiver
        (roll, pitch, climb, yaw) = receiver.channel
        reversed = receiver.reversed
        failsafeChannel = receiver.failsafe_channel
        failsafeBelow = receiver.failsafe_below
        (least, centre, most) = receiver.range
        deadband = receiver.deadband
        tiltLimit = board.vehicle.tilt_limit
        climbMax = board.climb_max
    }

    /// What the pilot asks for; nil: the frame lacks a channel that is needed.
    @_noAllocation
    package func setpoint(_ frame: PPMFrame) -> da_setpoint? {
        guard let roll = frame.width(roll), let pitch = frame.width(pitch), let climb = frame.width(climb),
            let yaw = frame.width(yaw), failsafeChannel == 0 || frame.width(failsafeChannel) != nil
        else { return nil }
        return da_setpoint(
            roll: stick(roll, 1) * tiltLimit, pitch: stick(pitch, 2) * tiltLimit,
            yaw_rate: stick(yaw, 8) * Self.yawRate, climb: stick(climb, 4) * climbMax)
    }

    /// Whether the receiver says with it that it has lost its transmitter.
    @_noAllocation
    package func isFailsafe(_ frame: PPMFrame) -> Bool {
        guard let width = frame.width(failsafeChannel) else { return false }
        return width < failsafeBelow
    }

    /// -1 to 1: nothing within the deadband, and from its edge on without a step. `bit` is the stick's of `reversed`.
    private func stick(_ width: Float, _ bit: UInt8) -> Float {
        let offset = width - centre
        let value =
            if offset > deadband { (offset - deadband) / (most - centre - deadband) } else if offset < -deadband {
                (offset + deadband) / (centre - least - deadband)
            } else { Float(0) }
        let limited = clamp(value, -1, 1)
        return reversed & bit == 0 ? limited : -limited
    }
}
