package import Contract

/// The container's side of the handover queue, without the queue: what to say, when. Time is an argument.
package struct Conversation {
    package enum Action: Equatable {
        /// Send a cut every so many ticks; 0: none any more.
        case stream(interval: UInt32)
        case take(StateCut)
        /// Of channels in blocks: what the candidate needs, a share of the owner's, what the candidate has taken in.
        case want([ChannelNeed])
        case piece(BlockPiece)
        case taken(UInt64)
        case end
    }

    /// An agent that was silent for so long may be a new one: it is told again who speaks, ns.
    package static let silence: UInt64 = 1_000_000_000
    /// Most cuts that may be on their way, whatever the agent asks for.
    package static let windowMax: UInt32 = 64

    private let introduction: [QueueMessage]
    private var lastHeard: UInt64 = 0
    private var introducedAt: UInt64?
    private var window: UInt32 = 0
    /// Ticks of cuts that were sent and not acknowledged; at most `windowMax`.
    private var open: [UInt64] = []
    private var acknowledged: UInt64 = 0
    private var ready: UInt64 = 0

    package init(name: String, version: String, offers: [ChannelOffer], needs: [ChannelNeed]) {
        introduction = [.introduce(name: name, version: version), .offer(offers), .need(needs)]
    }

    /// What to say of oneself now: who speaks, what it offers, what it needs. Empty: the agent knows.
    package mutating func introduce(now: UInt64) -> [QueueMessage] {
        if let introducedAt {
            guard now &- max(introducedAt, lastHeard) >= Self.silence else { return [] }
        }
        introducedAt = now
        return introduction
    }

    /// The introduction found nobody: say it again when somebody may be there.
    package mutating func introductionFailed() { introducedAt = nil }

    /// Takes in a message of the agent.
    package mutating func hear(_ message: QueueMessage, now: UInt64) -> Action? {
        lastHeard = now
        switch message {
        case .stream(let interval, let window):
            open = []
            self.window = min(window, Self.windowMax)
            return .stream(interval: window > 0 ? interval : 0)
        case .acknowledge(let tick):
            open.removeAll { $0 <= tick }
            return nil
        case .cut(let cut):
            return .take(cut)
        case .retire:
            return .end
        case .need(let needs):
            return .want(needs)
        case .blocks(let piece):
            return .piece(piece)
        case .taken(let number):
            return .taken(number)
        case .introduce, .offer, .ready:
            return nil
        }
    }

    /// Whether a cut may be sent; a full window skips it.
    package var hasRoom: Bool { open.count < Int(window) }

    package mutating func sent(cutOf tick: UInt64) { open.append(tick) }

    /// What there is to say of the cut that the controller stands on.
    package mutating func report(stateTick: UInt64, isSettled: Bool) -> [QueueMessage] {
        guard stateTick != 0 else {
            (acknowledged, ready) = (0, 0)
            return []
        }
        var messages: [QueueMessage] = []
        if acknowledged != stateTick {
            acknowledged = stateTick
            messages.append(.acknowledge(tick: stateTick))
        }
        if isSettled && ready != stateTick {
            ready = stateTick
            messages.append(.ready(tick: stateTick))
        }
        return messages
    }
}
