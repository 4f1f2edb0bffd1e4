/// What the motors get in a tick for which no command may drive.
///
/// A value for the same reason as `Fence`. No option, file or request sets it; the core is built with `bridged`.
package enum Silence: UInt8, BitwiseCopyable, Sendable {
    /// The last outputs again for `hold_ticks`, then the failsafe of the core.
    case bridged
    /// Nothing, and no failsafe: the motor chip goes on with what it has, as with a flight stack that is stopped.
    case unwritten
}
