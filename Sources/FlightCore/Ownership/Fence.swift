/// Whose commands may reach the motors.
///
/// A value, so that a test can fly with a gap in the fence and see the verdict fail: a verdict that cannot fail
/// proves nothing. No option, file or request sets it; the core is built with `whole`.
package enum Fence: UInt8, BitwiseCopyable, Sendable {
    /// The owner's alone: of its connection, with the epoch granted to it, for the present sample.
    case whole
    /// A gap: also those of another connection that claim an epoch, be it past.
    case open
    /// No fence: also those of another connection that claim nothing.
    case absent

    /// Whether a command that claims `epoch` is taken in from a connection that was granted `grant`.
    @_noAllocation
    func admits(_ epoch: UInt64, granted grant: UInt64) -> Bool {
        epoch == 0 || epoch == grant || self != .whole
    }

    /// Whether a command of another connection than the owner's may drive.
    @_noAllocation
    func lets(_ epoch: UInt64) -> Bool {
        switch self {
        case .whole: false
        case .open: epoch != 0
        case .absent: true
        }
    }
}
