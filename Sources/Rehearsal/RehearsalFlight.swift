internal import Airframe
package import CContract
internal import Contract

/// A controller flies the vehicle model, closed loop: samples out, commands in, in the order of ticks.
///
/// Pure: no clock, no I/O. The one who drives it gives each sample to the controller, be it a value or a container,
/// and brings back its command. All vehicles of `VehicleVariant.all` are flown in one flight, one after the other, so
/// that a controller needs to know nothing but the wire contract.
package struct RehearsalFlight: Sendable {
    /// Nil: it flies on.
    package private(set) var verdict: RehearsalVerdict?

    private let variants: [VehicleVariant]
    private let script: RehearsalScript
    private let tickRate: Int
    private var model: VehicleModel
    private var judge: RehearsalJudge
    private var sample: da_sample
    private var leg = 0
    /// Ticks of the leg so far, and in all.
    private var legTick = 0
    private var legTicks = 0

    /// - Parameters:
    ///   - start: the moment in which it begins.
    ///   - variants: the vehicles, at least one.
    ///   - limits: what is tolerated; nil: `RehearsalFigures.limits`.
    package init(
        _ start: RehearsalStart, variants: [VehicleVariant] = VehicleVariant.all, limits: RehearsalFigures? = nil
    ) {
        precondition(!variants.isEmpty && start.tickRate > 0, "a rehearsal flies a vehicle, by ticks")
        self.variants = variants
        script = RehearsalScript(start, variants)
        tickRate = start.tickRate
        model = VehicleModel(start)
        judge = RehearsalJudge(
            limits: limits ?? .limits(tiltLimit: start.vehicle.tilt_limit), variants: variants,
            period: 1 / Double(start.tickRate))
        sample = start.sample
        // As at a switch: another epoch, and it is the controller's.
        sample.owner_epoch = start.sample.owner_epoch &+ 1
        sample.your_epoch = sample.owner_epoch
        sample.source = SetpointSource.ground.rawValue
        legTicks = ticks(script.legs[0].seconds)
    }

    /// Ticks of the whole flight, if it does not end early.
    package var ticks: Int { script.legs.reduce(0) { $0 + ticks($1.seconds) } }

    /// The sample that is to be answered next.
    package mutating func next() -> da_sample {
        let leg = script.legs[leg]
        sample.tick &+= 1
        sample.scheduled_ns &+= UInt64(1_000_000_000 / tickRate)
        sample.sensed_ns = sample.scheduled_ns &+ UInt64(200_000_000 / tickRate)
        sample.setpoint = leg.setpoint
        sample.mode = leg.mode.rawValue
        model.sense(&sample)
        return sample
    }

    /// The controller's answer to the sample that `next` gave last.
    package mutating func take(_ command: da_command) {
        guard verdict == nil else { return }
        let motors = Motors(command.motor)
        guard command.tick == sample.tick, command.epoch == sample.your_epoch, motors.isCommand else {
            return fail("it gave no proper command for tick \(legTick) of a leg")
        }
        let present = script.legs[leg]
        model.live(motors)
        sample.applied = command.motor
        sample.applied_tick = sample.tick
        legTick += 1
        let part = Double(legTick) / Double(legTicks)
        if present.changes {
            model.become(variants[present.variant - 1].towards(variants[present.variant], part))
        }
        if let fault = judge.note(present, part: part, model, motors) { return fail(fault) }
        if legTick >= legTicks { endLeg() }
    }

    /// Ends the flight: something is wrong with the controller, or with its answers.
    package mutating func fail(_ what: String) { verdict = judge.verdict(what) }

    private mutating func endLeg() {
        leg += 1
        legTick = 0
        guard leg < script.legs.count else {
            verdict = judge.verdict(nil)
            return
        }
        legTicks = ticks(script.legs[leg].seconds)
    }

    private func ticks(_ seconds: Double) -> Int { max(1, Int((seconds * Double(tickRate)).rounded())) }
}
