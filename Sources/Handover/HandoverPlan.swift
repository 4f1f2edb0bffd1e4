internal import CContract
package import Contract

/// Which data go over and how long it takes: a pure function of what the owner offers and the candidate needs.
package struct HandoverPlan: Equatable, Sendable, Codable {
    package struct Item: Equatable, Sendable, Codable {
        package var channel: String
        package var kind: ChannelKind
        /// Layout that the owner sends; nil for a channel that is not sent.
        package var schema: UInt16?
        /// Whether the candidate reads an older layout than its newest.
        package var migrates: Bool
        package var bytes: UInt32
        /// Whole in each cut, or in blocks ahead of it.
        package var form: ChannelForm
        /// Time that the candidate must watch, s.
        package var settleSeconds: Double
    }

    package var items: [Item]
    /// Channels of the owner that the candidate does not take.
    package var leftBehind: [String]
    /// Size of the state in one cut.
    package var cutBytes: Int
    /// Size of the channels in blocks, which go ahead of the first cut.
    package var blockBytes: Int
    /// Bytes a second at which they go.
    package var blockRate: Double
    /// Through the queue while it syncs and shadows.
    package var bytesPerSecond: Double
    /// Estimated time of each part, s.
    package var rehearsalSeconds: Double
    package var syncSeconds: Double
    package var shadowSeconds: Double
    package var probationSeconds: Double
    package var totalSeconds: Double { rehearsalSeconds + syncSeconds + shadowSeconds + probationSeconds }

    /// - Throws: `PlanRefusal` when a required channel is missing, unreadable or too large.
    package init(offers: [ChannelOffer], needs: [ChannelNeed], policy: HandoverPolicy) throws(PlanRefusal) {
        var items: [Item] = []
        for need in needs {
            if let item = try Self.item(need, offers) { items.append(item) }
        }
        self.items = items
        leftBehind = offers.map(\.name).filter { name in !items.contains { $0.channel == name } }
        cutBytes = items.reduce(0) { $0 + ($1.schema == nil || $1.form == .blocks ? 0 : Int($1.bytes)) }
        blockBytes = items.reduce(0) { $0 + ($1.form == .blocks ? Int($1.bytes) : 0) }
        // What the owner sends at most, or less where the queue was seen to carry less.
        blockRate = offers.filter { $0.form == .blocks && $0.pace > 0 }
            .reduce(policy.queueBytesPerSecond) { min($0, Double($1.pace)) }
        let frame = Self.frameBytes(items)
        guard frame <= Int(DA_CUT_BYTES) else {
            throw PlanRefusal(
                "The state that the new version needs makes messages of \(frame) bytes, one carries \(DA_CUT_BYTES); make its channels smaller."
            )
        }
        let cutsPerSecond = policy.tickRate / Double(policy.cutInterval)
        bytesPerSecond = Double(cutBytes) * cutsPerSecond
        // The first cut waits for the next interval, half of one in the mean, and is applied at the next sample. Two hops
        // are its way; where blocks go ahead of it they take the first one's time too.
        syncSeconds =
            0.5 / cutsPerSecond + Double(cutBytes) / policy.queueBytesPerSecond
            + max(policy.hopSeconds, policy.hopSeconds / 2 + Double(blockBytes) / blockRate)
        let settle = items.map(\.settleSeconds).max() ?? 0
        shadowSeconds = max(settle, policy.shadowSeconds)
        rehearsalSeconds =
            max(settle, policy.startSeconds) + policy.modelSeconds
            + Double(blockBytes) / blockRate
        probationSeconds = policy.probationSeconds
    }

    /// Size of a cut's message: header, and each channel's entry with its state filled up to eight bytes.
    private static func frameBytes(_ items: [Item]) -> Int {
        items.filter { $0.schema != nil }.reduce(MemoryLayout<da_queue_header>.size) {
            $0 + MemoryLayout<da_channel_state>.size + ($1.form == .blocks ? 8 : (Int($1.bytes) + 7) / 8 * 8)
        }
    }

    private static func words(_ form: ChannelForm, _ bytes: UInt32) -> String {
        form == .whole ? "whole" : "in blocks of \(bytes) bytes together"
    }

    private static func item(_ need: ChannelNeed, _ offers: [ChannelOffer]) throws(PlanRefusal) -> Item? {
        let settle = Double(need.settleMilliseconds) / 1000
        if need.kind == .observe {
            return Item(
                channel: need.name, kind: .observe, schema: nil, migrates: false, bytes: 0, form: .whole,
                settleSeconds: settle)
        }
        guard let offer = offers.first(where: { $0.name == need.name && $0.kind != .observe }) else {
            guard need.required else { return nil }
            throw PlanRefusal(
                "The new version needs the channel '\(need.name)', which the running one does not offer; update to a version in between that offers it."
            )
        }
        guard need.schemas.contains(offer.schema) else {
            guard need.required else { return nil }
            throw PlanRefusal(
                "The new version reads schemas \(need.schemas.lowerBound) to \(need.schemas.upperBound) of the channel '\(need.name)', the running one sends \(offer.schema); a migration is missing."
            )
        }
        guard need.form == offer.form, need.form == .whole || need.bytes == offer.bytes else {
            guard need.required else { return nil }
            throw PlanRefusal(
                "The new version takes the channel '\(need.name)' \(Self.words(need.form, need.bytes)), the running one sends it \(Self.words(offer.form, offer.bytes)); give the new layout a name of its own."
            )
        }
        return Item(
            channel: need.name, kind: need.kind, schema: offer.schema,
            migrates: offer.schema < need.schemas.upperBound, bytes: offer.bytes, form: offer.form,
            settleSeconds: settle)
    }
}

/// Why there is no plan, in one sentence.
package struct PlanRefusal: Error, Equatable, CustomStringConvertible, Sendable {
    package let description: String
    /// Names in it are the containers' own.
    package init(_ description: String) { self.description = printable(description) }
}
