internal import CContract

/// One message's share of the channels in blocks.
public struct BlockPiece: Equatable, Sendable {
    /// Blocks of one channel that follow one another.
    public struct Run: Equatable, Sendable {
        public var channel: String
        /// Number of the first block.
        public var first: UInt32
        /// A multiple of `BlockPiece.blockBytes`.
        public var bytes: [UInt8]

        public init(channel: String, first: UInt32, bytes: [UInt8]) {
            self.channel = channel
            self.first = first
            self.bytes = bytes
        }

        public var blocks: Int { bytes.count / BlockPiece.blockBytes }
    }

    /// Size of a block.
    public static var blockBytes: Int { Int(DA_BLOCK_BYTES) }
    /// Most blocks, and runs, in one piece.
    public static var blocksMax: Int { Int(DA_PIECE_BLOCKS) }
    public static var runsMax: Int { Int(DA_CHANNELS) }
    /// Most pieces on their way.
    public static var window: UInt64 { UInt64(DA_PIECE_WINDOW) }

    /// Counts from 1 since the stream began; none is left out.
    public var number: UInt64
    public var runs: [Run]

    public init(number: UInt64, runs: [Run]) {
        self.number = number
        self.runs = runs
    }

    public var stateBytes: Int { runs.reduce(0) { $0 + $1.bytes.count } }
}

extension ChannelState {
    /// What stands in a cut for a channel in blocks: the last piece that belongs to it.
    public init(name: String, schema: UInt16, lastPiece: UInt64) {
        self.init(name: name, schema: schema, bytes: withUnsafeBytes(of: lastPiece.littleEndian) { Array($0) })
    }

    /// Of a channel in blocks; nil: this is none.
    public var lastPiece: UInt64? {
        guard bytes.count == 8 else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
