internal import CContract
internal import Contract
internal import Handover
internal import Logging

/// What was committed comes back by itself after a loss of power, and its image stays.
extension FlightAgent {
    /// Attempts, and s between two: an engine may need a minute of the boot.
    private static let attempts = 60
    private static let pause = Duration.seconds(2)
    /// Images that an agent has pulled and that are looked at when old ones are removed.
    private static let pulledMax = 20

    /// Starts the committed version where nothing flies: disarmed, on the ground, nobody owns the motors. From the
    /// engine's own store, without a registry; never a version that was still on probation.
    func boot() async {
        guard let image = (try? journal.committed())?.current else { return }
        for attempt in 1...Self.attempts where !Task.isCancelled {
            do {
                return try await bootOnce(image)
            } catch {
                let why = Fault(error, while: "The start").sentence
                logger.warning("boot", metadata: ["attempt": "\(attempt)", "why": "\(why)"])
                try? await Task.sleep(for: Self.pause)
            }
            // Between two attempts a pilot may start something else, and that is it then.
            guard isBusy == nil, run == nil else { return }
        }
    }

    /// One attempt; comes back when there is nothing more to do.
    private func bootOnce(_ image: ResolvedImage) async throws {
        isBusy = "The committed version \(image.reference) is being started"
        defer { isBusy = nil }
        let status = try core.status()
        guard isAtRest(status) else { return }
        if let name = runningInstance(of: image) {
            // The core alone was restarted: its container still runs, and may need a moment to connect.
            do { return try await handOver(to: name, image) } catch {
                let why = Fault(error, while: "Its return").sentence
                logger.warning("what flew is replaced", metadata: ["instance": "\(name)", "why": "\(why)"])
                await stopInstance(name)
            }
        }
        guard let held = try await engine().image(image.pullReference), held.isSame(as: image) else {
            logger.error(
                "boot",
                metadata: ["why": "The engine lost \(image.reference); start it with 'droneagent start'."])
            return
        }
        let name = try await launch(image) { _ in }
        logger.info("boot", metadata: ["image": "\(image.named)", "instance": "\(name)"])
    }

    /// The journal's; those whose container has ended are no longer there, for `clearUp` came before.
    private func runningInstance(of image: ResolvedImage) -> String? {
        ((try? journal.instances()) ?? [])
            .first { $0.manifest == image.manifest && $0.role == FlightRole.owner.rawValue }?.name
    }

    /// Removes what updates have pulled, but for the committed version, the one before it and what runs.
    func removeOldImages() async {
        guard run == nil, let kept = try? journal.committed(), let instances = try? journal.instances(),
            let pulled = try? journal.resolved(most: Self.pulledMax)
        else { return }
        let used = Set([kept.current?.manifest, kept.previous?.manifest].compactMap { $0 } + instances.map(\.manifest))
        for image in pulled where !used.contains(image.manifest) {
            do { try await engine().removeImage(image.pullReference) } catch {
                logger.warning("old image", metadata: ["image": "\(image.named)", "why": "\(error.sentence)"])
                return
            }
        }
    }
}
