package import CContract
internal import CPlatform
internal import Contract
package import Rehearsal

/// The way of a container into the model: it follows the real flight as any candidate does, until it stands on a cut of
/// the owner's state and is settled; from that tick on it flies the model.
package struct Overture: Sendable {
    private let welcome: da_welcome
    private let next: @Sendable (_ tick: UInt64) -> da_sample?
    private let status: @Sendable () throws(Fault) -> da_status
    private let limit: Double
    /// Between two questions to the core, ns.
    private static let look: UInt64 = 200_000

    /// - Parameters:
    ///   - welcome: the core's, with the vehicle.
    ///   - limit: s until the container must stand on a cut.
    ///   - next: the core's first sample behind that tick, waited for; nil: it does not come.
    ///   - status: the core's word now.
    package init(
        welcome: da_welcome, limit: Double, next: @escaping @Sendable (_ tick: UInt64) -> da_sample?,
        status: @escaping @Sendable () throws(Fault) -> da_status
    ) {
        self.welcome = welcome
        self.limit = limit
        self.next = next
        self.status = status
    }

    /// Lets the container on `stage` follow, and fly. Blocks; takes as long as the container does.
    ///
    /// - Parameter stage: where the container is connected.
    /// - Returns: how the flight ended.
    /// - Throws: `Fault` when it does not answer as a container should, or never stands where the owner stands.
    package func fly(on stage: RehearsalStage) throws(Fault) -> RehearsalVerdict {
        keepOffTheCoresCPU()
        let period = UInt64(1_000_000_000 / max(1, welcome.tick_rate))
        var flight = RehearsalFlight(try follow(stage, period))
        for _ in 0..<flight.ticks where flight.verdict == nil {
            flight.take(try stage.answer(flight.next(), period: period))
        }
        return flight.verdict ?? RehearsalVerdict(fault: "it did not end", figures: [])
    }

    /// Samples to the container until it is ready: what was heard so far at its own pace, then as they come.
    private func follow(_ stage: RehearsalStage, _ period: UInt64) throws(Fault) -> RehearsalStart {
        let end = da_now() &+ UInt64(limit * 1e9)
        var tick: UInt64 = 0
        // What the core says of the attitude belongs to one tick; the flight begins there.
        var word: da_status?
        var seen = Following()
        while da_now() < end {
            guard let sample = next(tick) else {
                throw Fault("The core's samples stopped in the rehearsal; look at 'droneagent status'.")
            }
            let command = try stage.answer(sample, period: period)
            seen.take(command, sample.tick, behind: tick)
            tick = sample.tick
            guard seen.isReady else {
                word = nil
                continue
            }
            if word.map({ $0.tick < tick }) ?? true { word = try self.word(of: tick, until: end) }
            if let word, word.tick == tick { return start(sample, word) }
        }
        throw Fault(
            "The new version failed its rehearsal: it did not take over the state of the running one and settle within \(Int(limit)) s (\(seen)); the old version flies on, look at the schemas that it reads and at when it says that it has settled."
        )
    }

    /// What there is to say of a container that does not get ready: whose fault it is, its own or a busy machine's.
    private struct Following: CustomStringConvertible {
        private(set) var isReady = false
        private var (samples, missing, standing, settled) = (0, 0, 0, 0)

        mutating func take(_ command: da_command, _ tick: UInt64, behind last: UInt64) {
            samples += 1
            if last != 0, tick > last &+ 1 { missing += Int(clamping: tick &- last &- 1) }
            let stands = command.state_tick != 0
            let isSettled = command.flags & UInt32(DA_COMMAND_SETTLED.rawValue) != 0
            standing += stands ? 1 : 0
            settled += isSettled ? 1 : 0
            isReady = stands && isSettled
        }

        var description: String {
            "of \(samples) samples it stood on that state in \(standing) and was settled in \(settled)"
                + (missing > 0 ? "; \(missing) more never came, as on a busy machine" : "")
        }
    }

    /// The core's word of `tick` or later: it speaks of a tick when that is over, and the container is faster. Given up at
    /// `end`, ns.
    private func word(of tick: UInt64, until end: UInt64) throws(Fault) -> da_status {
        var word = try status()
        while word.tick < tick, da_now() < end {
            da_sleep_until(da_now() &+ Self.look)
            word = try status()
        }
        return word
    }

    /// Of three CPUs or more the last is the core's (`ContainerPlan.cpus` keeps the container off it); this thread is as
    /// busy as the container is.
    private func keepOffTheCoresCPU() { if ContainerPlan.cpus != nil { _ = da_process_set_cpu(da_thread_id(), 0) } }

    private func start(_ sample: da_sample, _ word: da_status) -> RehearsalStart {
        RehearsalStart(
            vehicle: welcome.vehicle, tickRate: Int(welcome.tick_rate), sample: sample, roll: word.roll,
            pitch: word.pitch, climb: word.climb)
    }
}
