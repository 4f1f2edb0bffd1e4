internal import CContract
public import Contract

/// A cut in memory that is allocated once: what passes between the control thread and the queue thread.
///
/// Entry `i` belongs to channel `i` of the controller it was made for.
public final class StateImage {
    @frozen
    public struct Entry: BitwiseCopyable {
        /// 0: this cut does not bring the channel.
        public var schema: UInt16
        public var offset: Int
        public var bytes: Int

        @inlinable
        public init(schema: UInt16, offset: Int, bytes: Int) {
            self.schema = schema
            self.offset = offset
            self.bytes = bytes
        }
    }

    public static let capacity = Int(DA_CUT_BYTES)

    /// Of the sample after which the state was taken.
    public var tick: UInt64 = 0
    public var entries = InlineArray<16, Entry>(repeating: Entry(schema: 0, offset: 0, bytes: 0))
    public let memory: UnsafeMutableRawBufferPointer
    /// Blocks that changed; nil: of a controller without channels in blocks.
    @usableFromInline package var delta: BlockDelta?
    /// Owner: the channels in blocks that the cut brings, a bit each.
    @usableFromInline package var blockChannels: UInt32 = 0
    /// Candidate: whether `delta` makes the memory that of the cut.
    @usableFromInline package var bringsBlocks = false

    public convenience init() { self.init(blocks: 0) }

    /// With room for so many changed blocks.
    package init(blocks: Int) {
        precondition(Int(DA_CHANNELS) == 16, "An image has as many entries as the contract has channels.")
        memory = .allocate(byteCount: Self.capacity, alignment: 8)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        delta = blocks == 0 ? nil : BlockDelta(capacity: blocks)
    }

    deinit { memory.deallocate() }
}

extension StateImage {
    /// The image as a message's content. Allocates.
    public func cut<C: Controller>(for channels: [Channel<C>]) -> StateCut {
        var states: [ChannelState] = []
        for (index, channel) in channels.enumerated() where entries[index].schema != 0 {
            let entry = entries[index]
            let bytes = [UInt8](memory[entry.offset..<entry.offset + entry.bytes])
            states.append(ChannelState(name: channel.name, schema: entry.schema, bytes: bytes))
        }
        return StateCut(tick: tick, channels: states)
    }

    /// Takes over a message's content. Allocates.
    ///
    /// Channels that the controller does not know are left out, for another version may have more of them.
    ///
    /// - Returns: what is wrong with the cut, in one sentence; nil if it was taken over.
    public func take<C: Controller>(_ cut: StateCut, for channels: [Channel<C>]) -> String? {
        tick = cut.tick
        var end = 0
        for (index, channel) in channels.enumerated() {
            entries[index] = Entry(schema: 0, offset: 0, bytes: 0)
            guard let state = cut.channels.first(where: { $0.name == channel.name }), channel.kind != .observe else {
                guard !channel.isRequired || channel.kind == .observe else {
                    return "The cut of tick \(cut.tick) lacks channel '\(channel.name)', which is required."
                }
                continue
            }
            guard channel.oldestSchema <= state.schema, state.schema <= channel.schema, state.schema != 0 else {
                return "Channel '\(channel.name)' came in schema \(state.schema);"
                    + " \(channel.oldestSchema) to \(channel.schema) can be read."
            }
            guard end + state.bytes.count <= Self.capacity else {
                return "The cut of tick \(cut.tick) has more than \(Self.capacity) bytes of state."
            }
            memory[end..<end + state.bytes.count].copyBytes(from: state.bytes)
            entries[index] = Entry(schema: state.schema, offset: end, bytes: state.bytes.count)
            end += state.bytes.count
        }
        return nil
    }
}
