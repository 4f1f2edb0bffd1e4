import CContract
import Candidates
import Contract
import FlightKit
import FlightV1
import FlightV2
import Rehearsal
import Testing

/// A controller of the tests, with its rehearsal.
struct Rehearsed: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// A container of it, cold: what answers samples.
    let start: @Sendable (_ tickRate: Int) -> (da_sample) -> da_command

    init<C: Controller>(_ name: String, _: C.Type) {
        testDescription = name
        start = { tickRate in
            let instance = FlightInstance<C>(vehicle: Self.vehicle, tickRate: tickRate)
            return { instance.answer($0) }
        }
    }

    static let version1 = Rehearsed("version 1", CascadeController.self)
    static let version2 = Rehearsed("version 2", ReducedAttitudeController.self)
    static let reversed = Rehearsed("reversed sign", FlawedController<Version2, ReversedSign>.self)
    static let doubled = Rehearsed("doubled gain", FlawedController<Version2, DoubledGain>.self)
    static let delayed = Rehearsed("20 ms of delay", FlawedController<Version2, DelayedCommand>.self)

    static let vehicle = da_vehicle(
        mass: 1, inertia: (0.0082, 0.0082, 0.0149), motor_x: (0.16, -0.16, 0.16, -0.16),
        motor_y: (0.16, -0.16, -0.16, 0.16), spin: (1, 1, -1, -1), thrust_max: 5.5, moment_ratio: 0.016,
        rotor_lag: 0.02, tilt_limit: 0.61, command_idle: 0.08, reserved: 0)

    /// Watches the start for `seconds`, as a shadow, and then flies.
    func fly(_ start: RehearsalStart, watching seconds: Int = 2, limits: RehearsalFigures? = nil) -> RehearsalVerdict {
        let answer = self.start(start.tickRate)
        let ticks = UInt64(seconds * start.tickRate)
        var sample = start.sample
        for tick in start.sample.tick - ticks...start.sample.tick {
            sample.tick = tick
            sample.flags |= SampleFlags([.imuFresh, .barometerFresh]).rawValue
            _ = answer(sample)
        }
        var flight = RehearsalFlight(start, limits: limits)
        for _ in 0...flight.ticks {
            if let verdict = flight.verdict { return verdict }
            flight.take(answer(flight.next()))
        }
        return RehearsalVerdict(fault: "the rehearsal has no end", figures: [])
    }
}

extension RehearsalStart {
    static func hover(tickRate: Int = 500) -> RehearsalStart { .hover(Rehearsed.vehicle, tickRate: tickRate) }

    /// On its feet, motors off.
    static func standing(tickRate: Int = 500) -> RehearsalStart {
        var start = RehearsalStart.hover(tickRate: tickRate)
        start.sample.mode = FlightMode.disarmed.rawValue
        start.sample.flags = SampleFlags.onGround.rawValue
        start.sample.applied = (0, 0, 0, 0)
        return start
    }
}
