/// How a channel's state gets to the candidate (`enum da_channel_kind`).
public enum ChannelKind: UInt8, Sendable, Codable, CaseIterable {
    /// Taken once, with the first cut.
    case seed = 0
    /// The owner's until the switch: every cut renews it.
    case replicate = 1
    /// Not sent: warmed from samples.
    case observe = 2
}

/// How a channel's bytes travel (`enum da_channel_form`).
public enum ChannelForm: UInt8, Sendable, Codable, CaseIterable {
    /// All of them in each cut: small ones.
    case whole = 0
    /// In blocks ahead of the cut, first all, then those that changed: of any size.
    case blocks = 1
}

/// What an owner can hand over.
public struct ChannelOffer: Equatable, Sendable, Codable {
    public var name: String
    /// Version of the layout of the state's bytes.
    public var schema: UInt16
    public var kind: ChannelKind
    public var bytes: UInt32
    /// Cuts a second in which it is sent anew; 0: only in the first.
    public var rate: UInt32
    public var form: ChannelForm
    /// In blocks: bytes a second that the owner sends at most; else 0.
    public var pace: UInt32

    public init(
        name: String, schema: UInt16, kind: ChannelKind, bytes: UInt32, rate: UInt32, form: ChannelForm = .whole,
        pace: UInt32 = 0
    ) {
        self.name = name
        self.schema = schema
        self.kind = kind
        self.bytes = bytes
        self.rate = rate
        self.form = form
        self.pace = pace
    }
}

/// What a candidate must have, and what it can read.
public struct ChannelNeed: Equatable, Sendable, Codable {
    public var name: String
    /// Layouts that it can read; it migrates older ones by itself.
    public var schemas: ClosedRange<UInt16>
    public var kind: ChannelKind
    /// Whether there is no update without it.
    public var required: Bool
    /// How long it must watch samples before the channel is warm, ms.
    public var settleMilliseconds: UInt32
    public var form: ChannelForm
    /// In blocks: the one size that it can take; else 0.
    public var bytes: UInt32

    public init(
        name: String, schemas: ClosedRange<UInt16>, kind: ChannelKind, required: Bool, settleMilliseconds: UInt32,
        form: ChannelForm = .whole, bytes: UInt32 = 0
    ) {
        self.name = name
        self.schemas = schemas
        self.kind = kind
        self.required = required
        self.settleMilliseconds = settleMilliseconds
        self.form = form
        self.bytes = bytes
    }
}

/// One channel's state in a cut.
public struct ChannelState: Equatable, Sendable {
    public var name: String
    public var schema: UInt16
    public var bytes: [UInt8]

    public init(name: String, schema: UInt16, bytes: [UInt8]) {
        self.name = name
        self.schema = schema
        self.bytes = bytes
    }
}

/// The state of all sent channels as of the end of one tick.
public struct StateCut: Equatable, Sendable {
    public var tick: UInt64
    public var channels: [ChannelState]

    public init(tick: UInt64, channels: [ChannelState]) {
        self.tick = tick
        self.channels = channels
    }

    public var stateBytes: Int { channels.reduce(0) { $0 + $1.bytes.count } }
}
