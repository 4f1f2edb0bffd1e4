internal import CContract
internal import CPlatform
internal import Contract
internal import Handover
internal import Logging

/// A flight container that fails behind its probation leaves nobody but the failsafe. While that descends, the agent
/// starts the committed version again. And a core that begins anew, on the ground, knows nobody: the agent tells it.
extension FlightAgent {
    /// Between two looks at the core: the failsafe loses a tenth of a metre meanwhile.
    private static let look = Duration.milliseconds(200)
    /// In one flight: a version that fails again and again is not given the motors for ever.
    private static let revivalsMax = 2
    /// s for the new container to follow the flight and settle, and for the core to hand over.
    private static let reliefLimit = 10.0

    /// Looks after the flight between updates, until the task is cancelled.
    func watchFlight(boots: Bool) async {
        var (revivals, tick, isAnew) = (0, UInt64(0), false)
        while !Task.isCancelled {
            if let status = try? core.status() {
                // One that takes up a flight goes on counting.
                isAnew = (isAnew || status.tick < tick) && status.owner == nil
                tick = status.tick
                if run == nil, isBusy == nil {
                    if status.mode == FlightMode.disarmed.rawValue { revivals = 0 }
                    if isForsaken(status), revivals < Self.revivalsMax {
                        revivals += 1
                        await revive()
                    } else if isAnew, isAtRest(status) {
                        isAnew = false
                        await returnFlight(boots: boots)
                    }
                }
            }
            try? await Task.sleep(for: Self.look)
        }
    }

    /// Whether nothing flies: disarmed, on the ground, nobody owns the motors.
    func isAtRest(_ status: da_status) -> Bool {
        status.mode == FlightMode.disarmed.rawValue && status.on_ground == 1 && status.owner == nil
    }

    /// Both the core's supervisor and its core have ended, and the next core does not serve the container that still runs.
    private func returnFlight(boots: Bool) async {
        logger.notice("the core has begun anew; what flew is given back to it")
        isBusy = Self.takingUp
        await clearUp()
        if boots { await boot() }
    }

    /// Whether the failsafe flies, for want of an owner.
    private func isForsaken(_ status: da_status) -> Bool {
        status.mode == FlightMode.failsafe.rawValue && status.owner == nil && status.on_ground == 0
    }

    private func revive() async {
        guard let image = (try? journal.committed())?.current else { return }
        isBusy = "The version that flew has failed and is started again"
        logger.warning(
            "the failsafe flies; the committed version is started again", metadata: ["image": "\(image.named)"])
        var started: String?
        do {
            let name = try freeName()
            try await startInstance(name, image, role: .owner)
            started = name
            try await relieve(with: name)
            logger.info("the failsafe is relieved", metadata: ["instance": "\(name)"])
        } catch {
            logger.error("the failsafe flies on", metadata: ["why": "\(Fault(error, while: "The restart").sentence)"])
            if let started { await stopInstance(started) }
        }
        // The one that failed is of no use any more; this ends `isBusy`.
        await clearUp()
    }

    /// It proves itself in shadow, settled and in time; then the core hands over between two ticks.
    private func relieve(with name: String) async throws {
        let end = da_now() + UInt64(Self.reliefLimit * 1e9)
        var isAsked = false
        while da_now() < end {
            let status = try core.status()
            if status.owner.map({ text($0.name) }) == name { return }
            guard isForsaken(status) else { throw Fault("The vehicle is down, or another container flies.") }
            if status.instance(named: name)?.settled == 1, !isAsked {
                // It must not own below an owner's priority for a single tick.
                raise(name, .proven)
                try core.perform(.operation(.grant, name: name))
                isAsked = true
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Fault("The new container did not come to fly within \(Int(Self.reliefLimit)) s.")
    }
}
