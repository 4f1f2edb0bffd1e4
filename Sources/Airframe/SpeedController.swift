/// An electronic speed controller: turns the width of its input pulses into a command.
package struct SpeedController: Sendable {
    /// ns without a pulse after which the motor is stopped. Makes differ between 10 and 300 ms; short, so
    /// that a motor chip that fell silent is seen.
    private static let signalLoss: UInt64 = 20_000_000

    private let pulseMin: Double
    private let pulseMax: Double
    private var command = 0.0
    private var heard: UInt64 = 0

    /// - Parameters:
    ///   - pulseMin: s, command 0.
    ///   - pulseMax: s, command 1.
    package init(pulseMin: Double, pulseMax: Double) {
        self.pulseMin = pulseMin
        self.pulseMax = pulseMax
    }

    /// The command (0 to 1) at `time`, with pulses of `width` s coming in; width 0 is no pulse.
    @inline(__always)
    package mutating func command(width: Double, at time: UInt64) -> Double {
        if width > 0 {
            heard = time
            command = max(0, min(1, (width - pulseMin) / (pulseMax - pulseMin)))
        } else if time > heard &+ Self.signalLoss {
            command = 0
        }
        return command
    }
}
