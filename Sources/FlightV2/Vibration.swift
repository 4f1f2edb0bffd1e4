internal import Contract
internal import FlightKit

/// How much the gyro shakes: the power of its change from sample to sample, by blocks of samples.
///
/// Blocks begin at tick numbers, not at the container's start, and nothing older than two blocks is
/// remembered. So a filter warmed from samples has, two blocks later, the very bits of any other.
struct Vibration: ChannelLayout {
    /// (rad/s)², mean over the last whole block; -1 before the first.
    var power: Float = -1
    private var sum: Float = 0
    private var samples: Float = 0
    private var last = Vector3.zero

    /// Ticks: an eighth of a second at 500 Hz, a quarter at 250 Hz.
    private static var block: UInt64 { 64 }

    /// rad/s: the rate loop's cutoff, 40 Hz in calm air down to 20 Hz where the gyro shakes.
    private static var fastest: Float { 251 }
    private static var slowest: Float { 126 }
    /// (rad/s)²: gyro noise of 0.02 rad/s an axis, and rotors out of balance.
    private static var calm: Float { 0.0025 }
    private static var rough: Float { 0.05 }

    var isSane: Bool { power.isFinite && sum.isFinite && samples >= 0 && samples <= 64 && last.isFinite }

    @_noAllocation
    mutating func update(gyro: Vector3, tick: UInt64) {
        if tick % Self.block == 0 {
            if samples == Float(Self.block) { power = sum / samples }
            sum = 0
            samples = 0
        }
        let change = gyro - last
        sum += change.dot(change)
        samples = min(samples + 1, Float(Self.block))
        last = gyro
    }

    /// rad/s, for the rate loop's derivative.
    var cutoff: Float {
        let share = clamp((power - Self.calm) / (Self.rough - Self.calm), 0, 1)
        return Self.fastest + (Self.slowest - Self.fastest) * share
    }
}
