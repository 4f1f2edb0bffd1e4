public import Synchronization

/// A controller's channels in blocks, as its `step` sees them: `moment.blocks[i]` is the one at place `i`.
@frozen
public struct BlockSet: BitwiseCopyable, @unchecked Sendable {
    @usableFromInline let field: UnsafeMutablePointer<BlockField>?

    @inlinable
    init(_ field: UnsafeMutablePointer<BlockField>?) { self.field = field }

    /// None: of a controller that has no channels in blocks.
    public static var none: BlockSet {
        @inlinable get { BlockSet(nil) }
    }

    /// An index that there is not gives a channel without words.
    @inlinable
    public subscript(index: Int) -> Blocks {
        guard let field, index >= 0, index < 16 else { return Blocks(field: nil, first: 0, count: 0) }
        let region = field.pointee.regions[index]
        return Blocks(field: field, first: region.first, count: region.count)
    }
}

/// One channel in blocks: 32-bit words that the controller reads and writes one by one. For the control thread only;
/// nothing here allocates.
///
/// As long as a candidate's state is still on its way all words read as zero, and writes are passed over.
@frozen
public struct Blocks: BitwiseCopyable, @unchecked Sendable {
    @usableFromInline let field: UnsafeMutablePointer<BlockField>?
    /// First word.
    @usableFromInline let first: Int
    /// How many words it has.
    public let count: Int

    @inlinable
    init(field: UnsafeMutablePointer<BlockField>?, first: Int, count: Int) {
        self.field = field
        self.first = first
        self.count = count
    }

    /// A word as a float. Beyond the end it is 0, and a write is passed over.
    @inlinable
    public subscript(index: Int) -> Float {
        get { Float(bitPattern: word(index)) }
        nonmutating set { setWord(index, newValue.bitPattern) }
    }

    /// A word as it is. Beyond the end it is 0.
    @inlinable
    public func word(_ index: Int) -> UInt32 {
        guard let field, index >= 0, index < count, field.pointee.isOpen else { return 0 }
        return field.pointee.words[first &+ index]
    }

    /// Writes a word. Beyond the end it is passed over.
    @inlinable
    public func setWord(_ index: Int, _ value: UInt32) {
        guard let field, index >= 0, index < count, field.pointee.isOpen else { return }
        let at = first &+ index
        let block = at >> BlockField.wordShift
        if field.pointee.isKeeping { field.pointee.keep(block) }
        field.pointee.words[at] = value
        // Behind the write: whoever clears the mark after this sees the word, whoever cleared it before finds it set anew.
        field.pointee.dirty[block >> 6].bitwiseOr(1 << UInt64(block & 63), ordering: .acquiringAndReleasing)
    }
}

/// What `BlockMemory` shares with the handles above. All but `dirty` and, while the channels are closed, the words
/// belongs to the control thread.
@frozen
@usableFromInline
struct BlockField {
    /// log2 of the words in a block.
    @inlinable static var wordShift: Int { 8 }
    @inlinable static var blockWords: Int { 256 }
    /// Blocks whose former content can be kept: 1 MiB. A candidate that writes to more of them between two cuts cannot
    /// go back to the cut, and begins anew.
    @inlinable static var undoMax: Int { 1024 }

    @frozen
    @usableFromInline
    struct Region: BitwiseCopyable {
        /// Words; a region begins at a multiple of 64 blocks.
        @usableFromInline var first = 0
        @usableFromInline var count = 0

        @inlinable init() {}
    }

    @usableFromInline let words: UnsafeMutablePointer<UInt32>
    /// A bit a block: changed since it was last sent.
    @usableFromInline let dirty: UnsafeMutablePointer<Atomic<UInt64>>
    /// A bit a block: its content as of the last cut is in `undo`.
    @usableFromInline let kept: UnsafeMutablePointer<UInt64>
    @usableFromInline let undoBlocks: UnsafeMutablePointer<Int>
    @usableFromInline let undoWords: UnsafeMutablePointer<UInt32>
    @usableFromInline var undoCount = 0
    @usableFromInline var regions = InlineArray<16, Region>(repeating: Region())
    @usableFromInline var isOpen = true
    /// A shadow keeps what it overwrites, for the next cut comes from the past.
    @usableFromInline var isKeeping = false
    /// More was overwritten than could be kept.
    @usableFromInline var isLost = false

    init(
        words: UnsafeMutablePointer<UInt32>, dirty: UnsafeMutablePointer<Atomic<UInt64>>,
        kept: UnsafeMutablePointer<UInt64>
    ) {
        self.words = words
        self.dirty = dirty
        self.kept = kept
        undoBlocks = .allocate(capacity: Self.undoMax)
        undoBlocks.initialize(repeating: 0, count: Self.undoMax)
        undoWords = .allocate(capacity: Self.undoMax * Self.blockWords)
        undoWords.initialize(repeating: 0, count: Self.undoMax * Self.blockWords)
    }

    /// Keeps a block's content as of the last cut, once.
    @inlinable
    mutating func keep(_ block: Int) {
        let bit: UInt64 = 1 << UInt64(block & 63)
        guard kept[block >> 6] & bit == 0 else { return }
        guard undoCount < Self.undoMax else {
            isLost = true
            return
        }
        kept[block >> 6] |= bit
        undoBlocks[undoCount] = block
        (undoWords + undoCount * Self.blockWords).update(
            from: words + block * Self.blockWords, count: Self.blockWords)
        undoCount &+= 1
    }

    /// Forgets what was kept; `restoring` puts it back first.
    mutating func forget(restoring: Bool) {
        for index in 0..<undoCount {
            let block = undoBlocks[index]
            kept[block >> 6] &= ~(1 << UInt64(block & 63))
            if restoring {
                (words + block * Self.blockWords).update(
                    from: undoWords + index * Self.blockWords, count: Self.blockWords)
            }
        }
        undoCount = 0
    }
}
