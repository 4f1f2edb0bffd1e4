import Bench
import Handover
import Simulator
import Testing

/// The state that goes over is complete: the motor chip cannot tell an update to the same code from none. What it
/// was told is compared for the whole flight, registers and bus times, to the bit.
@Suite struct IdentityTests {
    /// One seed, flown with an update to the same code and without.
    private struct Pair: Sendable {
        let seed: UInt64
        let outcome: HandoverOutcome?
        let isIdentical: Bool
        let writes: Int
        let switchTick: UInt64
        /// rad/s, of the true vehicle.
        let rateAtSwitch: Double

        init(_ version: VirtualFlight.Version, seed: UInt64) {
            var options = VirtualFlight.Options(seed: seed)
            options.first = version
            let undisturbed = VirtualFlight(options).fly()
            options.next = version
            // Anywhere in the script: in rolls, turns and climbs, between them, and where the stick is thrown over.
            options.updateAt = 0.1 + Double(seed) * 0.097
            let updated = VirtualFlight(options).fly()
            self.seed = seed
            outcome = updated.outcome
            isIdentical = updated.motors == undisturbed.motors
            writes = updated.motors.count
            switchTick = updated.switchTick
            rateAtSwitch = updated.rateAtSwitch
        }
    }

    @Test(arguments: [VirtualFlight.Version.v1, .v2])
    func updateToTheSameCodeIsInvisible(version: VirtualFlight.Version) async {
        let pairs = await withTaskGroup(of: Pair.self) { group in
            for seed in 1...100 as ClosedRange<UInt64> { group.addTask { Pair(version, seed: seed) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(pairs.count == 100)
        for pair in pairs {
            #expect(pair.isIdentical, "seed \(pair.seed), switch at tick \(pair.switchTick)")
            #expect(pair.outcome == .updated, "seed \(pair.seed)")
            #expect(pair.switchTick > 0 && pair.writes > 10_000, "seed \(pair.seed)")
        }
        let turning = pairs.count { $0.rateAtSwitch > 1 }
        print("\(version) to itself: \(turning) of \(pairs.count) flights switched above 1 rad/s")
        #expect(turning >= pairs.count / 2)
        #expect(Set(pairs.map(\.switchTick)).count > pairs.count / 2, "the moments are not alike")
    }

    /// Every channel is needed: with any one of them left as the candidate's own, the chip is told something else.
    @Test(arguments: VirtualFlight.Version.v1.sentChannels) func versionOneNeeds(channel: String) {
        expectVisible(.v1, without: channel) { $0.omittedChannels = [channel] }
    }

    @Test(arguments: VirtualFlight.Version.v2.sentChannels.filter { $0 != Self.model })
    func versionTwoNeeds(channel: String) {
        expectVisible(.v2, without: channel) { $0.omittedChannels = [channel] }
    }

    /// The one channel that need not be sent, and says so: it follows the pilot's stick alone with a time constant of
    /// 70 ms, so that a candidate's own is the owner's to a millionth once it has watched for the second that the
    /// channel asks for, and no update goes on before.
    private static let model = "controller.model"

    @Test(arguments: 1...20) func versionTwoSettlesItsModelByItself(seed: Int) {
        var options = VirtualFlight.Options(seed: UInt64(seed))
        options.first = .v2
        let undisturbed = VirtualFlight(options).fly()
        options.next = .v2
        options.omittedChannels = [Self.model]
        let updated = VirtualFlight(options).fly()
        #expect(updated.switchTick > 0)
        let isSame = updated.motors == undisturbed.motors
        #expect(isSame)
    }

    /// Where it is not given that second, it shows.
    @Test func versionTwoNeedsItsModel() {
        expectVisible(.v2, without: Self.model) { $0.coldChannels = [Self.model] }
    }

    private func expectVisible(
        _ version: VirtualFlight.Version, without channel: String, leaveOut: (inout VirtualFlight.Options) -> Void
    ) {
        var options = VirtualFlight.Options(seed: 5)
        options.first = version
        let undisturbed = VirtualFlight(options).fly()
        options.next = version
        // A candidate that is far off would be refused, and its command never reach the motors.
        options.policy.divergenceLimit = 1
        options.policy.angularLimit = 1e6
        options.policy.gainRange = -1e6...1e6
        let complete = VirtualFlight(options).fly()
        leaveOut(&options)
        let updated = VirtualFlight(options).fly()
        let isComplete = complete.motors == undisturbed.motors
        #expect(isComplete, "only the channel makes the difference")
        #expect(updated.switchTick > 0)
        // It shows behind the switch and not before.
        let begin = updated.switchTick * options.period
        let isSameBefore = updated.motors.prefix { $0.stop < begin } == undisturbed.motors.prefix { $0.stop < begin }
        #expect(isSameBefore)
        let differing = zip(updated.motors, undisturbed.motors).count { $0.off != $1.off }
        print("\(version) without \(channel): \(differing) of \(undisturbed.motors.count) writes differ")
        #expect(differing > 50)
    }
}
