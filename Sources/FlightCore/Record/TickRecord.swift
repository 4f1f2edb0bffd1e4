package import CContract
package import Contract

/// What the core records of one tick: fixed size, drained by a slower thread.
package struct TickRecord: Sendable {
    /// The sample as the shadows get it, behind the motor write, without the receiver's epoch; the owner's is the same
    /// but for `applied`, which is then of the tick before.
    package var sample: da_sample
    /// CLOCK_MONOTONIC ns.
    package var published: UInt64 = 0
    package var commanded: UInt64 = 0
    package var written: UInt64 = 0
    package var motors = Motors(repeating: 0)
    /// What the core's own failsafe asked for, where it flew in this tick; else NaN.
    package var failsafe = Motors(repeating: .nan)
    /// World from body, as the core sees it.
    package var attitude = Quaternion.identity
    /// m, m/s; up positive.
    package var height: Float = 0
    package var climb: Float = 0
    package var owner: Int8 = -1
    package var standby: Int8 = -1
    package var origin = Arbiter.Origin.nobody
    package var cause = SwitchCause.none
    /// 0, or the negative errno of the motor write.
    package var writeResult: Int32 = 0
    /// Whether the command was limited in slew.
    package var isLimited = false
    /// Commands of the other slots for this tick (free), by slot; NaN where none came.
    package var shadow = InlineArray<4, Motors>(repeating: Motors(repeating: .nan))

    package init(sample: da_sample) { self.sample = sample }
}
