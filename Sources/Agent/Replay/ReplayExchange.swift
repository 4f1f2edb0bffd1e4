package import CContract
internal import CPlatform
internal import Contract
internal import Synchronization

/// Gives the samples of a past flight to the replay's containers, one after the other, as fast as they answer. Its calls
/// block and belong to one thread.
package final class ReplayExchange: Sendable {
    /// The one that flew, and the way of its state; nil: the candidate is alone.
    struct Owner: Sendable {
        var stage: RehearsalStage
        var relay: ReplayRelay
    }

    /// How long a cut may take to come out of the owner's queue, ns: it looks every 4 ms.
    private static let cutTime: UInt64 = 100_000_000
    /// A message's way into the candidate's mailbox, ns.
    private static let hop: UInt64 = 1_000_000
    /// Cuts in a row that do not come until it is given up: the owner hands nothing over.
    private static let cutsMissedMax = 50

    private let candidate: RehearsalStage
    private let owner: Owner?
    /// ns of a tick.
    private let period: UInt64
    /// Ticks between two cuts.
    private let interval: UInt64
    private let cutsMissed = Mutex(0)

    init(_ candidate: RehearsalStage, owner: Owner?, tickRate: UInt32, interval: UInt32) {
        (self.candidate, self.owner) = (candidate, owner)
        period = UInt64(1_000_000_000 / max(1, tickRate))
        self.interval = UInt64(max(1, interval))
    }

    /// Gives one sample to each container.
    ///
    /// - Parameters:
    ///   - sample: as a shadow got it, which is how the candidate gets it.
    ///   - isOwned: an instance owned the motors then. The one that flew gets the sample as the owner's.
    /// - Returns: the candidate's answer; nil: none in time.
    /// - Throws: `Fault` when a container ended or does not do its part at all.
    package func answer(_ sample: da_sample, isOwned: Bool) throws(Fault) -> da_command? {
        let isOwner = isOwned && sample.owner_epoch != 0
        if let owner {
            var own = sample
            if isOwner { own.your_epoch = own.owner_epoch }
            _ = try owner.stage.exchange(own, period: period)
        }
        let command = try candidate.exchange(sample, period: period)
        if isOwner, let owner, sample.tick % interval == 0 { try follow(owner.relay, sample.tick) }
        return command
    }

    /// Waits for the cut of this tick, so that the candidate stands on the same state however fast the machine is.
    private func follow(_ relay: ReplayRelay, _ tick: UInt64) throws(Fault) {
        let hasCome = relay.awaitCut(tick, until: da_now() &+ Self.cutTime)
        let missed = cutsMissed.withLock { missed in
            missed = hasCome ? 0 : missed + 1
            return missed
        }
        guard missed < Self.cutsMissedMax else {
            throw Fault("The version that flew sends no state in the replay, so the new one cannot stand on it.")
        }
        if hasCome { da_sleep_until(da_now() &+ Self.hop) }
    }
}
