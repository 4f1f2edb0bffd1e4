package import CContract
package import Contract

/// A tick of a past flight, as a container in shadow got it then.
package struct LoggedTick: Sendable {
    /// To the last bit, but for `your_epoch`, which is 0.
    package var sample: da_sample
    /// s since the log's first tick.
    package var time: Double
    /// What the owner commanded for this very sample; nil: it did not, or the core has bounded it before it flew.
    package var flown: Motors?
    /// Slot of the instance that owned the motors; nil: none did.
    package var owner: Int?
    /// A bit for each slot that answered in shadow.
    package var answered: UInt8
}
