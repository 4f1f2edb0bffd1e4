internal import Contract
internal import Synchronization

/// The memory of a controller's channels in blocks, and who may touch what in it.
///
/// It is read and written by the control thread in `step`. Two rights change hands, each by one atomic number, so that
/// neither thread ever waits for the other:
///
/// - **marks** (owner): who takes away the marks of changed blocks. At first the queue thread, which sends all blocks and
///   then those that changed meanwhile, until few are left. Then the control thread: at a cut it copies the few that
///   are marked, so that the cut is of one tick. When they are too many it gives the marks back.
/// - **words** (candidate): the control thread's, but while the owner's blocks come in for the first time they are
///   closed to the controller and written by the queue thread.
public final class BlockMemory: @unchecked Sendable {
    /// Most blocks that one cut brings: 256 KiB, which the control thread copies behind its command in some 50 µs.
    public static let cutBlocks = 256

    enum Side {
        static let control: UInt8 = 0
        static let queue: UInt8 = 1
        /// The queue thread asks for the words; the control thread gives them, if it flies in shadow.
        static let asked: UInt8 = 2
    }

    let channels: [BlockChannel]
    @usableFromInline let field: UnsafeMutablePointer<BlockField>
    /// First block of each channel; a multiple of 64, so that no two share a word of marks.
    private let firsts: [Int]
    private let blockCount: Int

    /// Bits of the channels that are sent; 0: none.
    let wanted = Atomic<UInt32>(0)
    let marks = Atomic<UInt8>(Side.queue)
    /// The queue thread wants the marks back.
    let recall = Atomic<Bool>(false)
    let words = Atomic<UInt8>(Side.control)
    /// The control thread could not go back to the last cut: the candidate must begin anew.
    let isLost = Atomic<Bool>(false)
    /// Control thread: whether its content is a cut's, so that the next cut must find it again.
    private var followsCuts = false

    /// Touches all memory, so that no page fault is left for the flight.
    package init(_ channels: [BlockChannel]) {
        self.channels = channels
        var firsts: [Int] = []
        var next = 0
        for channel in channels {
            firsts.append(next)
            next += (channel.blocks + 63) / 64 * 64
        }
        self.firsts = firsts
        blockCount = next
        let words = UnsafeMutablePointer<UInt32>.allocate(capacity: next * BlockField.blockWords)
        words.initialize(repeating: 0, count: next * BlockField.blockWords)
        let dirty = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: next / 64)
        for index in 0..<next / 64 { (dirty + index).initialize(to: Atomic(0)) }
        let kept = UnsafeMutablePointer<UInt64>.allocate(capacity: next / 64)
        kept.initialize(repeating: 0, count: next / 64)
        field = .allocate(capacity: 1)
        field.initialize(to: BlockField(words: words, dirty: dirty, kept: kept))
        for (index, channel) in channels.enumerated() {
            field.pointee.regions[index].first = firsts[index] * BlockField.blockWords
            field.pointee.regions[index].count = channel.bytes / 4
        }
    }

    deinit {
        field.pointee.words.deallocate()
        field.pointee.dirty.deallocate()
        field.pointee.kept.deallocate()
        field.pointee.undoBlocks.deallocate()
        field.pointee.undoWords.deallocate()
        field.deallocate()
    }

    /// For a controller that has channels in blocks; else nil.
    @usableFromInline
    static func make<C: Controller>(for _: C.Type) -> BlockMemory? {
        precondition(C.channels.count + C.blockChannels.count <= 16, "A controller has at most 16 channels.")
        return C.blockChannels.isEmpty ? nil : BlockMemory(C.blockChannels)
    }

    @usableFromInline var set: BlockSet { BlockSet(field) }

    private func place(_ block: Int) -> UnsafeMutablePointer<UInt32> {
        field.pointee.words + block * BlockField.blockWords
    }

    private func isWanted(_ channel: Int, _ mask: UInt32) -> Bool { mask & (1 << UInt32(channel)) != 0 }

    /// Words of marks of one channel.
    private func markWords(_ channel: Int) -> Range<Int> {
        firsts[channel] / 64..<(firsts[channel] + channels[channel].blocks + 63) / 64
    }

    /// Blocks of the channels in `mask` that are marked.
    func marked(_ mask: UInt32) -> Int {
        var count = 0
        for channel in channels.indices where isWanted(channel, mask) {
            for word in markWords(channel) {
                count &+= field.pointee.dirty[word].load(ordering: .relaxed).nonzeroBitCount
            }
        }
        return count
    }
}

// MARK: The control thread's; nothing here allocates.

extension BlockMemory {
    /// Once a tick, ahead of the step: hands over what the queue thread asks for.
    ///
    /// - Returns: false if the channels are no longer those of the last cut.
    @usableFromInline
    func attend(isShadow: Bool) -> Bool {
        if !isShadow {
            // From here on the content is this controller's own.
            followsCuts = false
            field.pointee.forget(restoring: false)
        }
        if recall.load(ordering: .acquiring) {
            marks.store(Side.queue, ordering: .releasing)
            recall.store(false, ordering: .releasing)
        }
        if isShadow, words.load(ordering: .acquiring) == Side.asked {
            close()
            words.store(Side.queue, ordering: .releasing)
            return false
        }
        if field.pointee.isLost {
            close()
            isLost.store(true, ordering: .releasing)
            return false
        }
        field.pointee.isKeeping = followsCuts
        return true
    }

    private func close() {
        followsCuts = false
        field.pointee.forget(restoring: false)
        field.pointee.isKeeping = false
        field.pointee.isLost = false
        field.pointee.isOpen = false
    }

    /// A candidate's cut: goes back to the last one, and puts what changed since upon it.
    @usableFromInline
    func accept(_ delta: BlockDelta) {
        field.pointee.forget(restoring: true)
        for index in 0..<delta.count {
            place(delta.number(index)).update(from: delta.content(index), count: BlockField.blockWords)
        }
        field.pointee.isOpen = true
        field.pointee.isKeeping = true
        followsCuts = true
        words.store(Side.control, ordering: .releasing)
    }

    /// The owner's cut: copies what changed since the last one, as of now.
    ///
    /// - Returns: the channels that the cut brings, a bit each; nil: no cut can be made now.
    @usableFromInline
    func give(into delta: BlockDelta) -> UInt32? {
        delta.clear()
        let mask = wanted.load(ordering: .acquiring)
        guard mask != 0 else { return 0 }
        guard marks.load(ordering: .acquiring) == Side.control else { return nil }
        guard marked(mask) <= Self.cutBlocks else {
            marks.store(Side.queue, ordering: .releasing)
            return nil
        }
        for channel in channels.indices where isWanted(channel, mask) {
            for word in markWords(channel) {
                var bits = field.pointee.dirty[word].exchange(0, ordering: .acquiringAndReleasing)
                while bits != 0 {
                    let block = word * 64 + bits.trailingZeroBitCount
                    bits &= bits &- 1
                    _ = delta.append(block, place(block))
                }
            }
        }
        return mask
    }
}

// MARK: The queue thread's.

extension BlockMemory {
    /// Marks all blocks of the channels in `mask`.
    func markAll(_ mask: UInt32) {
        for channel in channels.indices where isWanted(channel, mask) {
            for block in firsts[channel]..<firsts[channel] + channels[channel].blocks {
                field.pointee.dirty[block >> 6].bitwiseOr(1 << UInt64(block & 63), ordering: .acquiringAndReleasing)
            }
        }
    }

    /// Takes marked blocks from `block` of `channel` on, a piece's worth at most. A block that is written meanwhile is
    /// marked anew, and sent once more: what was read of it does not matter.
    ///
    /// - Returns: the blocks, and where to go on; nil behind the last.
    func take(from start: (channel: Int, block: Int), _ mask: UInt32)
        -> (runs: [BlockPiece.Run], next: (channel: Int, block: Int)?)
    {
        var runs = RunCollector(self)
        for channel in start.channel..<channels.count where isWanted(channel, mask) {
            var block = channel == start.channel ? start.block : 0
            while block < channels[channel].blocks {
                let at = firsts[channel] + block
                let bits = field.pointee.dirty[at >> 6].load(ordering: .relaxed) >> UInt64(at & 63)
                guard bits != 0 else {
                    block = (block | 63) + 1
                    continue
                }
                block += bits.trailingZeroBitCount
                guard runs.hasRoom(channel, block) else { return (runs.runs, (channel, block)) }
                let found = firsts[channel] + block
                field.pointee.dirty[found >> 6].bitwiseAnd(
                    ~(1 << UInt64(found & 63)), ordering: .acquiringAndReleasing)
                runs.append(channel, block)
                block += 1
            }
        }
        return (runs.runs, nil)
    }

    /// Content of a channel's blocks.
    package func read(_ channel: Int, _ blocks: Range<Int>) -> [UInt8] {
        Array(
            UnsafeRawBufferPointer(
                start: place(firsts[channel] + blocks.lowerBound), count: blocks.count * BlockPiece.blockBytes))
    }

    /// The channel, and the block in it, of a block of the whole memory.
    func locate(_ block: Int) -> (channel: Int, block: Int) {
        let channel = (firsts.lastIndex { $0 <= block }) ?? 0
        return (channel, block - firsts[channel])
    }

    /// Calls `body` with each block of a run, by its number in the whole memory. False: there is no such channel or block.
    func each(of run: BlockPiece.Run, _ body: (Int, UnsafePointer<UInt32>) -> Bool) -> Bool {
        guard let channel = channels.firstIndex(where: { $0.name == run.channel }),
            Int(run.first) + run.blocks <= channels[channel].blocks
        else { return false }
        let first = firsts[channel] + Int(run.first)
        return run.bytes.withUnsafeBytes { bytes in
            let words = bytes.assumingMemoryBound(to: UInt32.self)
            guard let base = words.baseAddress else { return true }
            for index in 0..<run.blocks where !body(first + index, base + index * BlockField.blockWords) {
                return false
            }
            return true
        }
    }

    /// Writes a run straight into the memory, which is closed to the controller. False: it does not fit.
    func write(_ run: BlockPiece.Run) -> Bool {
        each(of: run) { block, content in
            place(block).update(from: content, count: BlockField.blockWords)
            return true
        }
    }
}

/// Puts blocks together to the runs of one piece.
private struct RunCollector {
    private let memory: BlockMemory
    private var open: (channel: Int, blocks: Range<Int>)?
    private var closed: [BlockPiece.Run] = []
    private var count = 0

    init(_ memory: BlockMemory) { self.memory = memory }

    func follows(_ channel: Int, _ block: Int) -> Bool {
        open.map { $0.channel == channel && $0.blocks.upperBound == block } ?? false
    }

    func hasRoom(_ channel: Int, _ block: Int) -> Bool {
        count < BlockPiece.blocksMax && (follows(channel, block) || closed.count + 1 < BlockPiece.runsMax)
    }

    mutating func append(_ channel: Int, _ block: Int) {
        count += 1
        if follows(channel, block), let former = open {
            open = (channel, former.blocks.lowerBound..<block + 1)
            return
        }
        closed = runs
        open = (channel, block..<block + 1)
    }

    var runs: [BlockPiece.Run] {
        guard let open else { return closed }
        return closed + [
            BlockPiece.Run(
                channel: memory.channels[open.channel].name, first: UInt32(open.blocks.lowerBound),
                bytes: memory.read(open.channel, open.blocks))
        ]
    }
}
