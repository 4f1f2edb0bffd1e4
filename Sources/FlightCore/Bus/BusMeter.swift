package import CContract
import Contract

/// Times the motor write, the one transfer of fixed size in every tick, against what bytes and bus speed say.
package struct BusMeter: Sendable {
    /// How much slower than computed counts as slow: the driver's share is an estimate, the clocks are not.
    private static let tolerance: Float = 1.3
    /// Ticks of the mean, and before it counts.
    private static let window: Float = 500

    private let limit: Float
    private var mean: Float = 0
    private var count: Float = 0

    package init(_ board: da_board) {
        let speed = Double(max(1, board.motor_bus_speed == 0 ? board.bus_speed : board.motor_bus_speed))
        limit = Float(BusBudget.write(bytes: 16, speed: speed)) * Self.tolerance
    }

    /// One motor write took `nanoseconds`.
    @_noAllocation
    package mutating func take(_ nanoseconds: UInt64) {
        let seconds = Float(min(nanoseconds, 1_000_000_000)) * 1e-9
        count = lesser(count + 1, Self.window)
        mean += (seconds - mean) / count
    }

    /// Whether the bus is slower than the board file says.
    package var isSlow: Bool { count >= Self.window && mean > limit }
}
