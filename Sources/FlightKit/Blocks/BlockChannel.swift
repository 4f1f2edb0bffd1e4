internal import CContract
public import Contract

/// A part of a controller's state that is too large to be copied in a tick: a map, a filter bank; up to 64 MiB.
///
/// The kit keeps its memory. The controller reads and writes it in `step` as `moment.blocks[i]`, `i` being its place
/// in `Controller.blockChannels`, and the kit sees from the writes which blocks must be sent anew. To a successor it
/// goes like a small channel that is replicated: with each cut it is the owner's as of the end of one tick.
///
/// It has one layout: another one is another name, and a warm-up. Between two cuts, 10 ticks, at most
/// `BlockMemory.cutBlocks` blocks may change for cuts to flow.
public struct BlockChannel: Sendable {
    public let name: String
    /// Version of its layout and meaning, from 1.
    public let schema: UInt16
    /// A multiple of `BlockPiece.blockBytes`.
    public let bytes: Int
    /// Whether there is no update without it; if not, the controller starts from zeros.
    public let isRequired: Bool

    /// - Parameters:
    ///   - name: the same in every version that shares its meaning.
    ///   - schema: version of its layout and meaning, from 1.
    ///   - bytes: rounded up to whole blocks.
    ///   - isRequired: whether there is no update without it.
    public init(_ name: String, schema: UInt16, bytes: Int, isRequired: Bool = true) {
        precondition(bytes > 0 && bytes <= Int(DA_BLOCKS_BYTES), "Channel '\(name)' must have 1 byte to 64 MiB.")
        self.name = name
        self.schema = schema
        self.bytes = (bytes + BlockPiece.blockBytes - 1) / BlockPiece.blockBytes * BlockPiece.blockBytes
        self.isRequired = isRequired
    }

    public var blocks: Int { bytes / BlockPiece.blockBytes }

    public var offer: ChannelOffer {
        ChannelOffer(
            name: name, schema: schema, kind: .replicate, bytes: UInt32(bytes), rate: 50, form: .blocks,
            pace: BlockSender.pace)
    }

    public var need: ChannelNeed {
        ChannelNeed(
            name: name, schemas: schema...schema, kind: .replicate, required: isRequired, settleMilliseconds: 0,
            form: .blocks, bytes: UInt32(bytes))
    }
}
