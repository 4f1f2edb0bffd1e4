internal import CPlatform
internal import Contract
internal import Handover
internal import Synchronization

/// The agent's part of an update's queue in a replay: the owner's state goes to the candidate as it comes.
final class ReplayRelay: Sendable {
    private struct Said {
        var offers: [ChannelOffer]?
        var needs: [ChannelNeed]?
    }

    /// s until both have said on their queues what they offer and need.
    private static let introduceLimit = 10.0

    private let queue: HandoverQueue
    private let owner: String
    private let candidate: String
    private let said = Mutex(Said())
    /// Tick of the newest cut that is on its way to the candidate.
    private let handed = Atomic<UInt64>(0)

    init(_ queue: HandoverQueue, owner: String, candidate: String) {
        (self.queue, self.owner, self.candidate) = (queue, owner, candidate)
    }

    /// Carries messages until the queue is shut down.
    func run() async {
        for await event in queue.events {
            guard case .message(let message, _, let instance) = event else { continue }
            hear(message, isOwner: instance == owner)
        }
    }

    private func hear(_ message: QueueMessage, isOwner: Bool) {
        switch message {
        case .offer(let offers) where isOwner: said.withLock { $0.offers = offers }
        case .need(let needs) where !isOwner: said.withLock { $0.needs = needs }
        case .cut(let cut) where isOwner:
            queue.send(.cut(cut), to: candidate)
            queue.send(.acknowledge(tick: cut.tick), to: owner)
            handed.store(cut.tick, ordering: .releasing)
        case .blocks(let piece) where isOwner: queue.send(.blocks(piece), to: candidate)
        case .taken(let piece) where !isOwner: queue.send(.taken(piece: piece), to: owner)
        default: break
        }
    }

    /// Has the owner send its state, if the candidate can stand on it.
    ///
    /// - Throws: `Fault` with the plan's refusal, or when one of both does not say what it offers or needs.
    func begin(_ policy: HandoverPolicy) async throws(Fault) {
        let end = da_now() &+ UInt64(Self.introduceLimit * 1e9)
        while true {
            let now = said.withLock { $0 }
            if let offers = now.offers, let needs = now.needs { return try stream(offers, needs, policy) }
            guard da_now() < end else {
                throw Fault(
                    "The \(now.offers == nil ? "version that flew" : "new version") did not say on its queue what it \(now.offers == nil ? "offers" : "needs") within \(Int(Self.introduceLimit)) s of the replay; look at its log."
                )
            }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { throw Fault("The replay was called off.") }
        }
    }

    private func stream(
        _ offers: [ChannelOffer], _ needs: [ChannelNeed], _ policy: HandoverPolicy
    ) throws(Fault) {
        let plan: HandoverPlan
        do throws(PlanRefusal) { plan = try HandoverPlan(offers: offers, needs: needs, policy: policy) } catch {
            throw Fault(error.description)
        }
        let wanted = needs.filter { need in
            plan.items.contains { $0.form == .blocks && $0.channel == need.name }
        }
        if !wanted.isEmpty { queue.send(.need(wanted), to: owner) }
        queue.send(.stream(interval: policy.cutInterval, window: policy.cutWindow), to: owner)
    }

    /// Waits until the cut of `tick`, or a later one, is on its way; false: not by `deadline`, ns. Blocks.
    func awaitCut(_ tick: UInt64, until deadline: UInt64) -> Bool {
        while handed.load(ordering: .acquiring) < tick {
            guard da_now() < deadline else { return false }
            da_sleep_until(da_now() &+ Self.look)
        }
        return true
    }
    /// ns.
    private static let look: UInt64 = 200_000
}
