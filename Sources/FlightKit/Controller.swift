public import CContract
public import Contract

/// A flight controller: a value with all its state inside, driven by samples alone.
///
/// Same samples, same state, same bits: `step` uses no clock, no randomness, no libm and no heap. What must
/// reach a successor lies in stored properties that `channels` names; constants computed in `init` need not.
/// Conformers: `FlightV1`, `FlightV2`, and `Images/template`, which is there to be copied.
public protocol Controller: BitwiseCopyable, Sendable {
    /// For people and logs; at most 31 bytes of UTF-8.
    static var name: String { get }
    /// For people and logs; at most 31 bytes of UTF-8.
    static var version: String { get }
    /// Every part of the state that a successor needs, or warms up by itself. At most 16.
    static var channels: [Channel<Self>] { get }
    /// What is too large for a stored property; with `channels` at most 16. `moment.blocks[i]` is the one at place i.
    static var blockChannels: [BlockChannel] { get }
    /// How long a cold controller on the ground must see samples before it is fit to fly, ms.
    static var warmUpMilliseconds: UInt32 { get }

    /// Cold: as on the ground, before the first sample.
    ///
    /// - Parameters:
    ///   - vehicle: the airframe, from the core's welcome.
    ///   - tickRate: samples a second, Hz.
    init(vehicle: da_vehicle, tickRate: Int)

    /// Takes in one sample and returns the motor commands that it wants for it, 0 to 1.
    ///
    /// The kit has checked the sample: all floats are finite and physically plausible.
    mutating func step(_ sample: da_sample, _ moment: Moment) -> Motors
}

extension Controller {
    public static var warmUpMilliseconds: UInt32 { 1000 }
    public static var blockChannels: [BlockChannel] { [] }

    /// What this controller could hand over as owner: every channel that is sent.
    public static var offers: [ChannelOffer] {
        channels.filter { $0.kind != .observe }.map(\.offer) + blockChannels.map(\.offer)
    }

    /// What it needs as candidate.
    public static var needs: [ChannelNeed] { channels.map(\.need) + blockChannels.map(\.need) }
}

/// What a step must know beside the sample.
@frozen
public struct Moment: BitwiseCopyable, Sendable {
    /// Since the sample before, s. One tick's length, or more where ticks were skipped.
    public var seconds: Float
    public var role: Role
    /// The controller's channels in blocks.
    public var blocks: BlockSet

    @inlinable @inline(__always)
    public init(seconds: Float, role: Role, blocks: BlockSet = .none) {
        self.seconds = seconds
        self.role = role
        self.blocks = blocks
    }
}

/// Whose command drives the motors, as one container sees it.
@frozen
public enum Role: UInt8, BitwiseCopyable, Sendable {
    /// Another one's, and this container has never owned them since its state came in. It computes as if it
    /// owned them, so that it keeps step with the owner. Exits: `owner`.
    case shadow = 0
    /// This container's. Exits: `standby`.
    case owner = 1
    /// Another one's, and this container owned them before: the loop is open, so integrators stand still.
    /// Exits: `owner`; `shadow` when a cut of the new owner's state is taken in.
    case standby = 2
}
