internal import CContract
package import Contract
internal import Synchronization

/// The candidate's side of channels in blocks, on the queue thread: pieces go straight into the memory until the first
/// cut, and from then on into a delta that goes to the control thread with the cut that they belong to.
package struct BlockReceiver {
    /// Blocks of cuts that have not yet gone to the control thread: two cuts' worth.
    package static let stagedMax = 2 * BlockMemory.cutBlocks

    private enum State {
        /// Piece 1 is awaited.
        case waiting
        /// The memory is asked for; pieces are held.
        case closing
        /// The memory is the queue thread's.
        case loading
        /// The first cut is on its way to the control thread, or there.
        case following
        /// What comes fits no channel; nothing is taken any more.
        case refusing
    }

    /// What a cut is worth.
    package enum Verdict: Equatable {
        /// All its blocks are here.
        case whole
        /// They come; ask again.
        case later
        /// The next cut will do.
        case useless
        case unreadable(String)
    }

    private let memory: BlockMemory
    private var state = State.waiting
    private var staged = BlockDelta(capacity: Self.stagedMax)
    private var held: [BlockPiece] = []
    private var received: UInt64 = 0
    private var credited: UInt64 = 0
    private var mustSayAnew = false

    package init(_ memory: BlockMemory) { self.memory = memory }

    /// Whether pieces come in, or are expected any moment.
    package var isLoading: Bool { state == .closing || state == .loading }

    /// Takes a piece in.
    ///
    /// - Returns: what is wrong with it, in one sentence, if something is.
    package mutating func take(_ piece: BlockPiece) -> String? {
        guard state != .refusing else { return nil }
        if piece.number == 1 {
            // A new stream, whatever was before.
            (received, credited, held, mustSayAnew) = (0, 0, [], false)
            staged.clear()
            state = .closing
            if memory.words.load(ordering: .acquiring) != BlockMemory.Side.queue {
                memory.words.store(BlockMemory.Side.asked, ordering: .releasing)
            }
        }
        switch state {
        case .waiting, .refusing: return nil
        case .closing, .loading, .following:
            guard piece.number == received + UInt64(held.count) + 1 else {
                beginAnew()
                return nil
            }
        }
        if state == .closing {
            guard held.count < Int(BlockPiece.window) else {
                beginAnew()
                return nil
            }
            held.append(piece)
            return drain()
        }
        return put(piece)
    }

    private mutating func drain() -> String? {
        guard state == .closing, memory.words.load(ordering: .acquiring) == BlockMemory.Side.queue else { return nil }
        state = .loading
        let pieces = held
        held = []
        for piece in pieces {
            if let complaint = put(piece) { return complaint }
        }
        return nil
    }

    private mutating func put(_ piece: BlockPiece) -> String? {
        for run in piece.runs {
            if state == .loading {
                guard memory.write(run) else { return refuse(run) }
                continue
            }
            var hasRoom = true
            let fits = memory.each(of: run) { block, content in
                hasRoom = staged.append(block, content)
                return hasRoom
            }
            guard hasRoom else {
                beginAnew()
                return nil
            }
            guard fits else { return refuse(run) }
        }
        received = piece.number
        return nil
    }

    private mutating func refuse(_ run: BlockPiece.Run) -> String {
        state = .refusing
        return
            "Blocks \(run.first) to \(Int(run.first) + run.blocks) of channel '\(run.channel)' came, which this version does not have; it cannot take the state over."
    }

    /// Something is missing: all that came is worth nothing.
    private mutating func beginAnew() {
        (state, received, credited, held) = (.waiting, 0, 0, [])
        staged.clear()
        mustSayAnew = true
    }

    /// What there is to say to the owner.
    package mutating func turn() -> (messages: [QueueMessage], complaint: String?) {
        if memory.isLost.exchange(false, ordering: .acquiringAndReleasing) { beginAnew() }
        let complaint = drain()
        if mustSayAnew {
            mustSayAnew = false
            return ([.taken(piece: 0)], complaint)
        }
        guard received != credited, state == .loading || state == .following else { return ([], complaint) }
        credited = received
        return ([.taken(piece: received)], complaint)
    }

    /// Whether what `cut` says of channels in blocks has come.
    package func judge(_ cut: StateCut) -> Verdict {
        var last: UInt64?
        for channel in memory.channels {
            guard let entry = cut.channels.first(where: { $0.name == channel.name }) else { continue }
            guard entry.schema == channel.schema, let piece = entry.lastPiece else {
                return .unreadable(
                    "Channel '\(channel.name)' came in schema \(entry.schema); in blocks only \(channel.schema) can be read."
                )
            }
            last = piece
        }
        // It says nothing of them, and none has come: they stay as they are. That there is no update without them is the
        // plan's to see to; a rehearsal has none to give.
        guard let last else { return state == .waiting ? .whole : .useless }
        switch state {
        case .closing: return .later
        case .loading, .following: return last == received ? .whole : .useless
        case .waiting, .refusing: return .useless
        }
    }

    /// Hands the blocks of a whole cut over to the control thread.
    package mutating func hand(into image: StateImage) {
        guard state == .loading || state == .following, let former = image.delta else {
            image.bringsBlocks = false
            return
        }
        former.clear()
        image.delta = staged
        image.bringsBlocks = true
        staged = former
        state = .following
    }
}
