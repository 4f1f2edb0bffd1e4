import Airframe
package import Handover
package import Simulator

/// One flight of a campaign, drawn from its seed: vehicle, wind, when the update is asked for, what goes wrong.
package struct CampaignPlan: Sendable {
    package var seed: UInt64
    package var world: WorldParameters
    /// s after the first manoeuvre; the pilot flies doublets, turns and climbs all the while.
    package var updateAt: Double
    package var manoeuvreSeconds = 8.0
    package var takeoffSeconds = 6.0
    package var faults: [PlannedFault]
    package var policy = Self.shortPolicy

    /// Part of each of a vehicle's figures by which it may differ from the board file.
    private static let spread = 0.3
    /// m/s, mean wind at 6 m height, at most.
    private static let windMax = 8.0
    /// s before and behind the first manoeuvre within which the update is asked for.
    private static let updateSpan = 2.0
    /// s from asking to the commit.
    private static let updateSeconds = 5.0
    /// Share of the faults that strike during the update.
    private static let updateShare = 0.75

    /// Faults for a flight of seed `seed`: one to three; `count` sets their number instead, `only` their kind.
    package init(seed: UInt64, count: Int? = nil, only: FaultKind? = nil) {
        var random = RandomSource(seed: seed, stream: 200)
        self.seed = seed
        world = WorldParameters(board: BenchBoard.make()).varied(by: Self.spread, seed: seed)
        world.wind.speed20 = random.uniform(0, Self.windMax)
        world.wind.heading = random.uniform(-3.1, 3.1)
        updateAt = random.uniform(-Self.updateSpan, Self.updateSpan)
        faults = []
        let pilot = pilot
        let number = count ?? 1 + Int(random.next() % 3)
        for _ in 0..<number {
            let kind = only ?? FaultKind.allCases[Int(random.next() % UInt64(FaultKind.allCases.count))]
            let asked = pilot.manoeuvresBegin + updateAt
            let seconds =
                random.uniform() < Self.updateShare
                ? random.uniform(asked, asked + Self.updateSeconds)
                : random.uniform(pilot.waitSeconds + pilot.armSeconds + 0.5, pilot.landingBegins + 2)
            faults.append(
                PlannedFault(
                    kind: kind, target: random.next() % 2 == 0 ? .owner : .other,
                    begin: kind == .wrongIdentity ? 0 : UInt64(seconds * 1e9),
                    milliseconds: Self.duration(kind, &random), effects: Int(random.next() % 6)))
        }
    }

    package var pilot: ScriptedPilot {
        var pilot = ScriptedPilot(manoeuvreSeconds: manoeuvreSeconds)
        pilot.takeoffSeconds = takeoffSeconds
        return pilot
    }

    /// ms; several of each kind, so that both sides of a class's border are flown.
    private static func duration(_ kind: FaultKind, _ random: inout RandomSource) -> Int {
        func one(_ choices: [Int]) -> Int { choices[Int(random.next() % UInt64(choices.count))] }
        switch kind {
        case .crash, .imuSpike, .barometerSpike, .switchNack: return 2
        case .imuBrownOut, .barometerBrownOut, .batteryBrownOut, .motorBrownOut: return 2
        case .hang: return one([2, 4, 8, 20, 100, 1000, 3000])
        case .notANumber, .outOfRange, .lostAnswers: return one([2, 4, 8, 20, 500])
        case .extreme: return one([2, 6, 10, 30, 60, 500])
        case .pastEpoch, .foreignEpoch, .flood, .lateAnswers: return one([2, 20, 200, 2000])
        case .wrongSchema: return one([100, 1000, 8000])
        case .agentDeath: return one([20, 200, 1000, 4000])
        case .queueLoss, .callLoss: return one([20, 100, 500, 4000])
        case .queueDelay: return one([50, 300, 1000])
        case .pullFails: return one([100, 1000, 5000])
        case .engineHangs: return one([200, 1000, 5000])
        case .imuNack, .motorNack, .motorTorn: return one([2, 4, 10])
        case .busHang: return one([2, 5, 10, 20, 200])
        case .imuFrozen: return one([2, 6, 10, 400])
        case .imuDead: return one([300, 3000])
        case .barometerFrozen: return one([100, 500])
        case .wrongIdentity: return one([500, 60_000])
        case .batteryLow: return one([60_000])
        case .kill: return one([100, 60_000])
        case .pilotLoss: return one([100, 400, 700, 60_000])
        case .stall: return one([4, 10, 20, 40, 300])
        }
    }

    /// Shorter limits than in flight, so that a time-out is seen within one; what is judged in shadow is judged as long.
    private static let shortPolicy: HandoverPolicy = {
        var policy = HandoverPolicy()
        policy.probationSeconds = 1.5
        policy.pullLimit = 3
        policy.verifyLimit = 1
        policy.startLimit = 2
        policy.planLimit = 1
        policy.syncLimit = 2
        policy.shadowLimit = 5
        policy.switchLimit = 2
        policy.commitLimit = 2
        policy.undoLimit = 2
        policy.silenceLimit = 1
        return policy
    }()
}
