internal import CContract
package import Contract
internal import Synchronization

/// The owner's side of channels in blocks, on the queue thread: first all blocks, then again those that changed
/// meanwhile, until so few are left that the control thread copies them at each cut. Time is an argument.
///
/// Whatever the state's size, at most `BlockPiece.window` pieces are on their way: the candidate says which it has taken
/// in. A candidate that takes none holds the sender up, and nothing else.
package struct BlockSender {
    /// Bytes a second at most: 64 MiB take two seconds. Faster it could go, but each byte is moved some ten times
    /// between owner, agent and candidate, on a machine that flies; this is a few per cent of what its memory carries.
    package static let pace: UInt32 = 32 << 20
    /// What may be sent at once after a pause, bytes: a wait of the queue thread's.
    private static let burst = 256.0 * 1024
    /// Pieces of one turn, so that the thread's other duties have theirs.
    private static let turnMax = 16
    /// Blocks that may still be marked when the control thread takes over: half of what a cut brings, for they go on
    /// changing.
    private static let restMax = BlockMemory.cutBlocks / 2

    private enum Phase {
        /// Nothing is asked for. Exit: `start` → beginning.
        case idle
        /// The marks are wanted back. Exit: they are the queue thread's → passing.
        case beginning
        /// Blocks are sent. Exit: few are left → cutting.
        case passing
        /// The control thread makes cuts. Exit: too much changed → passing.
        case cutting
    }

    private let memory: BlockMemory
    private var phase = Phase.idle
    private var mask: UInt32 = 0
    private var cursor: (channel: Int, block: Int) = (0, 0)
    /// Pieces sent, and taken in by the candidate.
    private var sent: UInt64 = 0
    private var taken: UInt64 = 0
    /// Its marks are taken, but the queue had no room for it.
    private var pending: BlockPiece?
    /// Blocks of the present cut that are sent.
    private var given = 0
    private var allowance = 0.0
    private var lastTurn: UInt64 = 0

    package init(_ memory: BlockMemory) { self.memory = memory }

    /// Whether a cut that lies in the mailbox is of this stream; if not, it is worth nothing.
    package var isCutting: Bool { phase == .cutting }
    /// Number of the last piece sent.
    package var lastPiece: UInt64 { sent }

    /// Begins with piece 1. `needs`: the candidate's; what fits none of them is not sent.
    package mutating func start(_ needs: [ChannelNeed]) {
        mask = 0
        for (index, channel) in memory.channels.enumerated()
        where needs.contains(where: { need in
            need.form == .blocks && need.name == channel.name && need.schemas.contains(channel.schema)
                && need.bytes == UInt32(channel.bytes)
        }) {
            mask |= 1 << UInt32(index)
        }
        begin()
    }

    private mutating func begin() {
        memory.wanted.store(mask, ordering: .releasing)
        (sent, taken, given, pending, cursor) = (0, 0, 0, nil, (0, 0))
        allowance = 0
        phase = mask == 0 ? .idle : .beginning
        if mask != 0, memory.marks.load(ordering: .acquiring) != BlockMemory.Side.queue {
            memory.recall.store(true, ordering: .releasing)
        }
    }

    package mutating func stop() {
        mask = 0
        begin()
    }

    /// The candidate has all pieces up to `number`; 0: it has lost the thread.
    package mutating func hear(taken number: UInt64) {
        guard mask != 0 else { return }
        if number == 0 { return begin() }
        if number <= sent { taken = max(taken, number) }
    }

    private var hasCredit: Bool { sent &- taken < BlockPiece.window }

    /// Sends what may be sent now. `slotIsFull`: a cut waits to be sent, and goes first.
    package mutating func turn(now: UInt64, slotIsFull: Bool, _ send: (QueueMessage) -> Bool) {
        let elapsed = lastTurn == 0 ? 0 : Double(now &- lastTurn) / 1e9
        lastTurn = now
        allowance = min(allowance + elapsed * Double(Self.pace), Self.burst)
        switch phase {
        case .idle: return
        case .beginning:
            guard memory.marks.load(ordering: .acquiring) == BlockMemory.Side.queue,
                !memory.recall.load(ordering: .acquiring), !slotIsFull
            else { return }
            memory.markAll(mask)
            phase = .passing
        case .passing: pass(send)
        case .cutting:
            let isBack = memory.marks.load(ordering: .acquiring) == BlockMemory.Side.queue
            if isBack, !slotIsFull { (phase, cursor) = (.passing, (0, 0)) }
        }
    }

    private mutating func pass(_ send: (QueueMessage) -> Bool) {
        for _ in 0..<Self.turnMax where hasCredit && allowance > 0 {
            if pending == nil {
                let found = memory.take(from: cursor, mask)
                if !found.runs.isEmpty { pending = BlockPiece(number: sent + 1, runs: found.runs) }
                cursor = found.next ?? (0, 0)
                isBehindLast = found.next == nil
            }
            if let piece = pending {
                guard send(.blocks(piece)) else { return }
                pending = nil
                sent += 1
                allowance -= Double(piece.stateBytes)
            }
            if isBehindLast, memory.marked(mask) <= Self.restMax {
                memory.marks.store(BlockMemory.Side.control, ordering: .releasing)
                phase = .cutting
                return
            }
        }
    }
    private var isBehindLast = false

    /// Sends the blocks of a cut.
    ///
    /// - Returns: whether all are sent; if not, call it again.
    package mutating func give(_ delta: BlockDelta, _ send: (QueueMessage) -> Bool) -> Bool {
        while given < delta.count {
            guard hasCredit else { return false }
            let (runs, next) = runs(of: delta, from: given)
            guard send(.blocks(BlockPiece(number: sent + 1, runs: runs))) else { return false }
            sent += 1
            given = next
        }
        given = 0
        return true
    }

    private func runs(of delta: BlockDelta, from start: Int) -> (runs: [BlockPiece.Run], next: Int) {
        var runs: [BlockPiece.Run] = []
        var index = start
        while index < delta.count, index - start < BlockPiece.blocksMax {
            let (channel, block) = memory.locate(delta.number(index))
            let name = memory.channels[channel].name
            let bytes = UnsafeRawBufferPointer(start: delta.content(index), count: BlockPiece.blockBytes)
            if let last = runs.last, last.channel == name, Int(last.first) + last.blocks == block {
                runs[runs.count - 1].bytes += bytes
            } else {
                guard runs.count < BlockPiece.runsMax else { break }
                runs.append(BlockPiece.Run(channel: name, first: UInt32(block), bytes: Array(bytes)))
            }
            index += 1
        }
        return (runs, index)
    }
}
