/// The words in which the arbiter thinks.
extension Arbiter {
    /// What became of one command.
    package enum Fate: UInt8, Sendable {
        /// The owner's, for the present sample: it will be applied.
        case fresh
        /// The owner's, for the sample before: it serves if nothing better comes.
        case late
        /// A shadow's: compared, never applied.
        case compared
        /// Of an epoch that is not the sender's: refused at the last writer.
        case stale
        /// Not of this contract, not finite, out of range, doubled, or of no sample that was sent.
        case refused
    }

    /// Where the motors' values of a tick came from.
    package enum Origin: UInt8, BitwiseCopyable, Sendable {
        case nobody
        case fresh
        case late
        case held
        case failsafe
    }

    /// A sample that went out: its tick, and when that was scheduled, ns.
    package struct PublishedSample: BitwiseCopyable, Sendable {
        package var tick: UInt64 = 0
        package var scheduled: UInt64 = 0
    }

    /// All in ticks; from the board file.
    package struct Limits: BitwiseCopyable, Sendable {
        package var holdTicks: UInt32
        package var missLimit: UInt32
        package var settleTicks: UInt64
        /// Ticks that a way back has to bring the vehicle into its envelope again: 2 s, the longest that it takes from any
        /// state in it (`flightbench envelope`).
        package var recoveryTicks: UInt64

        package init(holdTicks: UInt32, missLimit: UInt32, settleTicks: UInt64, recoveryTicks: UInt64) {
            self.holdTicks = holdTicks
            self.missLimit = missLimit
            self.settleTicks = settleTicks
            self.recoveryTicks = recoveryTicks
        }
    }

    /// A switch that was asked for and has not come yet.
    package struct PendingSwitch: BitwiseCopyable, Sendable {
        package var slot: Int
        /// Last tick behind which it may come.
        package var until: UInt64
        /// Tick up to which it waits for a moment at which it would not be felt: half of its window, so that a
        /// vehicle that shakes all the time is still updated.
        package var calmUntil: UInt64

        package init(slot: Int, from now: UInt64, until: UInt64) {
            self.slot = slot
            self.until = until
            calmUntil = until > now ? now &+ (until &- now) / 2 : until
        }
    }
}
