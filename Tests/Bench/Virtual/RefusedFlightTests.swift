import Bench
import Candidates
import Contract
import FlightKit
import FlightV1
import FlightV2
import Handover
import Rehearsal
import Testing

/// A candidate that must not fly is refused before the switch, in the middle of a flight, and the flight does not
/// notice: what the motor chip was told is, to the bit, what it is told without an update.
@Suite struct RefusedFlightTests {
    struct Flawed: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let make: VirtualFlight.Candidate

        init<C: Controller>(_: C.Type) {
            testDescription = C.version
            make = { VirtualContainer($0, C.self, vehicle: $1, tickRate: $2) }
        }

        static let reversed = Flawed(FlawedController<Version2, ReversedSign>.self)
        static let doubled = Flawed(FlawedController<Version2, DoubledGain>.self)
        static let delayed = Flawed(FlawedController<Version2, DelayedCommand>.self)
    }

    private func options(seed: UInt64) -> VirtualFlight.Options {
        var options = VirtualFlight.Options(seed: seed)
        options.updateAt = 0.5 + Double(seed % 40) * 0.17
        return options
    }

    @Test(arguments: [VirtualFlight.Version.v1, .v2], [Flawed.reversed, .doubled, .delayed])
    func rehearsalRefusesIt(running: VirtualFlight.Version, candidate: Flawed) {
        for seed in [2, 11, 23] as [UInt64] {
            var options = options(seed: seed)
            options.first = running
            let undisturbed = VirtualFlight(options).fly()
            options.candidate = candidate.make
            options.rehearses = true
            let flight = JudgedFlight(options)
            guard case .refused(let sentence)? = flight.result.outcome else {
                Issue.record("seed \(seed): \(String(describing: flight.result.outcome))")
                continue
            }
            #expect(sentence.contains("failed its rehearsal") && sentence.contains("limit"), "\(sentence)")
            #expect(!flight.result.phases.contains { $0.phase == .syncing }, "it never came to shadowing")
            #expect(flight.faults == [:] && flight.result.crash == nil && flight.result.endMode == .disarmed)
            let isSame = flight.result.motors == undisturbed.motors
            #expect(isSame, "seed \(seed)")
        }
    }

    @Test(arguments: [(VirtualFlight.Version.v1, VirtualFlight.Version.v1), (.v1, .v2), (.v2, .v2)])
    func rehearsalLetsASoundOnePass(running: VirtualFlight.Version, next: VirtualFlight.Version) {
        for seed in 1...5 as ClosedRange<UInt64> {
            var options = options(seed: seed)
            options.first = running
            options.next = next
            options.rehearses = true
            let rehearsed = VirtualFlight(options).fly()
            #expect(rehearsed.outcome == .updated && rehearsed.rehearsal?.fault == nil, "seed \(seed)")
            #expect(rehearsed.rehearsal?.figures.isEmpty == false)
        }
    }

    /// Without a rehearsal the core's comparison is the last gate; it stops a wrong sign whenever the owner moves.
    @Test(arguments: 1...20) func shadowRefusesAWrongSign(seed: Int) {
        var options = options(seed: UInt64(seed))
        options.candidate = Flawed.reversed.make
        let flight = JudgedFlight(options)
        guard case .refused(let sentence)? = flight.result.outcome else {
            Issue.record("\(String(describing: flight.result.outcome))")
            return
        }
        #expect(sentence.contains("times the effect") && sentence.contains("have -"), "\(sentence)")
        #expect(flight.faults == [:] && flight.result.crash == nil)
    }

    /// Version 2 pushes up to twice as hard as version 1 by nature, so that a shadow can tell its doubled gain only where
    /// the owner rolls or pitches, and not even always: that is what the rehearsal is for.
    @Test func shadowRefusesADoubledGainWhereItShows() async {
        let results = await outcomes { options in options.candidate = Flawed.doubled.make }
        let told = results.filter { $0.gains.roll != nil || $0.gains.pitch != nil }
        let refused = told.count {
            if case .refused(let sentence)? = $0.outcome { sentence.contains("times the effect") } else { false }
        }
        print("doubled gain: refused in shadow in \(refused) of \(told.count) flights that rolled or pitched")
        #expect(told.count >= 60 && refused * 2 >= told.count)
    }

    /// The range leaves room around what a sound version 2 does beside version 1.
    @Test func soundGainsAreInRange() async {
        let range = HandoverPolicy().gainRange
        let results = await outcomes { options in
            options.next = .v2
            options.policy.gainRange = -100...100
        }
        for axis in ["roll", "pitch", "yaw", "thrust"] {
            let gains = results.flatMap(\.gains.known).filter { $0.axis == axis }.map(\.gain).sorted()
            guard let least = gains.first, let most = gains.last else {
                Issue.record("\(axis) was never told")
                continue
            }
            print(
                "\(axis): told in \(gains.count) of 100 flights, \(least) to \(most), median \(gains[gains.count / 2])")
            #expect(gains.count >= 50)
            #expect(least > range.lowerBound * 1.25 && most < range.upperBound / 1.1)
        }
    }

    private func outcomes(_ change: @Sendable @escaping (inout VirtualFlight.Options) -> Void) async -> [VirtualFlight
        .Result]
    {
        await withTaskGroup(of: VirtualFlight.Result.self) { group in
            for seed in 1...100 as ClosedRange<UInt64> {
                var options = options(seed: seed)
                change(&options)
                group.addTask { [options] in VirtualFlight(options).fly() }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
