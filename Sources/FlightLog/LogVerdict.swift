/// What one flight's log proves by itself, wherever it was flown: the core's own word, tick by tick. The bench's verdict
/// and that of a logic analyser's capture do not ask the core.
package struct LogVerdict: Equatable, Sendable, Codable {
    /// Who had the motors, from one tick to another.
    package struct Watch: Equatable, Sendable, Codable {
        /// As the instance was attached; "failsafe" for the core's own; "" where the log does not say.
        package var name: String
        package var epoch: UInt64
        /// Why the owner changed (`SwitchCause`).
        package var cause: String
        package var firstTick: UInt64
        package var lastTick: UInt64
        /// s since the log's first tick.
        package var from: Double
        package var to: Double

        package init(
            name: String, epoch: UInt64, cause: String, firstTick: UInt64, lastTick: UInt64, from: Double, to: Double
        ) {
            (self.name, self.epoch, self.cause) = (name, epoch, cause)
            (self.firstTick, self.lastTick, self.from, self.to) = (firstTick, lastTick, from, to)
        }
    }

    /// Ticks with the vehicle armed.
    package var ticks = 0
    /// Armed ticks that are not in the log (slept through, or lost on the way to the disk), and those whose motor write
    /// failed.
    package var missed = 0
    /// Ticks that are in the log twice.
    package var doubled = 0
    /// Ticks in which an instance flew with another one's epoch.
    package var twoOwner = 0
    /// Ticks with an epoch below one that was there before.
    package var pastEpochs = 0
    /// Ticks in which the motors kept their values, for want of a command.
    package var held = 0
    /// Ticks served with the owner's command for the sample before.
    package var late = 0
    /// Ticks that the core's failsafe flew.
    package var failsafe = 0
    /// Longest time between two motor writes that arrived, s.
    package var worstGap = 0.0
    package var watches: [Watch] = []
    /// Its writer was killed or lost its power: the last message is not whole.
    package var isCut = false
    /// What does not fit the format.
    package var faults: [String] = []

    package init() {}

    package var holds: Bool { reasons.isEmpty }

    /// Why it does not hold, a sentence each.
    package var reasons: [String] {
        var reasons = faults.prefix(3).map { "The log has \($0)." }
        if ticks == 0 { reasons.append("No tick of it is armed.") }
        for (count, what) in [
            (missed, "missed"), (doubled, "doubled"), (twoOwner, "of two owners"), (pastEpochs, "of a past epoch"),
            (held, "held"),
        ] where count > 0 {
            reasons.append("\(count) of \(ticks) ticks \(count == 1 ? "is" : "are") \(what).")
        }
        return reasons
    }
}
