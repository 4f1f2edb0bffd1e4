public import Contract

/// The state of one channel: a plain struct of 4-byte fields, so that its bytes have no holes.
public protocol ChannelLayout: BitwiseCopyable, Sendable {
    /// Finite and inside its range. A cut with a channel that is not is refused as a whole.
    var isSane: Bool { get }
}

/// A named, versioned part of a controller's state, and how a successor gets it.
///
/// The state is a stored property of the controller; its place is found once, and from then on a cut is a
/// copy of bytes. That keeps the control thread free of allocation.
public struct Channel<C: Controller>: Sendable {
    public let name: String
    /// Version of the state's layout and meaning.
    public let schema: UInt16
    public let kind: ChannelKind
    /// Whether there is no update without it; if not, the controller starts from its own default.
    public let isRequired: Bool
    /// How long it must watch samples to be warm, where no cut brings it, ms.
    public let settleMilliseconds: UInt32
    /// Oldest schema that `read` understands.
    public let oldestSchema: UInt16
    @usableFromInline let offset: Int
    public let bytes: Int
    @usableFromInline let read: @Sendable (inout C, UInt16, UnsafeRawBufferPointer) -> Bool

    /// Cuts a second that a successor would like, Hz: a cut is then at most 20 ms old, a tenth of the history
    /// that it is replayed through.
    private static var rate: UInt32 { 50 }

    /// - Parameters:
    ///   - name: the same in every version that shares its meaning.
    ///   - path: the stored property that holds it.
    ///   - schema: version of its layout and meaning, from 1.
    ///   - kind: how it gets to a successor.
    ///   - isRequired: whether there is no update without it.
    ///   - settleMilliseconds: time to watch samples where no cut brings it.
    ///   - oldestSchema: oldest schema that `migrate` reads; the default is `schema`.
    ///   - migrate: puts an older schema's bytes into the state, which at call is the controller's own as of
    ///     the cut's tick; false refuses the cut. Runs on the control thread: no allocation.
    public init<State: ChannelLayout>(
        _ name: String, _ path: WritableKeyPath<C, State>, schema: UInt16, kind: ChannelKind,
        isRequired: Bool = true, settleMilliseconds: UInt32 = 0, oldestSchema: UInt16? = nil,
        migrate: @escaping @Sendable (inout State, UInt16, UnsafeRawBufferPointer) -> Bool = { _, _, _ in false }
    ) {
        // `FlightInstance.init` asks for all channels before the hello: a mistake here ends a container that never flew.
        guard let offset = MemoryLayout<C>.offset(of: path) else {
            preconditionFailure("Channel '\(name)' must be a stored property of \(C.self), not a computed one.")
        }
        precondition(
            MemoryLayout<State>.size % 4 == 0 && MemoryLayout<State>.alignment <= 4,
            "The state of channel '\(name)' must be made of 4-byte fields.")
        self.name = name
        self.schema = schema
        self.kind = kind
        self.isRequired = isRequired
        self.settleMilliseconds = settleMilliseconds
        self.oldestSchema = oldestSchema ?? schema
        self.offset = offset
        self.bytes = MemoryLayout<State>.size
        self.read = { controller, sent, bytes in
            withUnsafeMutableBytes(of: &controller) { whole in
                let place = whole.baseAddress.unsafelyUnwrapped + offset
                var state = place.loadUnaligned(as: State.self)
                if sent == schema {
                    guard bytes.count == MemoryLayout<State>.size else { return false }
                    withUnsafeMutableBytes(of: &state) { $0.copyMemory(from: bytes) }
                } else if !migrate(&state, sent, bytes) {
                    return false
                }
                guard state.isSane else { return false }
                place.storeBytes(of: state, as: State.self)
                return true
            }
        }
    }

    init(
        name: String, schema: UInt16, kind: ChannelKind, isRequired: Bool, settleMilliseconds: UInt32,
        oldestSchema: UInt16, offset: Int, bytes: Int,
        read: @escaping @Sendable (inout C, UInt16, UnsafeRawBufferPointer) -> Bool
    ) {
        self.name = name
        self.schema = schema
        self.kind = kind
        self.isRequired = isRequired
        self.settleMilliseconds = settleMilliseconds
        self.oldestSchema = oldestSchema
        self.offset = offset
        self.bytes = bytes
        self.read = read
    }

    public var offer: ChannelOffer {
        ChannelOffer(name: name, schema: schema, kind: kind, bytes: UInt32(bytes), rate: Self.rate)
    }

    public var need: ChannelNeed {
        ChannelNeed(
            name: name, schemas: oldestSchema...schema, kind: kind, required: isRequired,
            settleMilliseconds: settleMilliseconds)
    }
}
