import CContract
import Contract
import FlightCore
import Handover
import Simulator

/// How one flight of a campaign ended, and whether it may.
package struct CampaignResult: Sendable {
    package enum End: String, Sendable, CaseIterable, Codable {
        case flewOn = "flew on"
        case landed
        case grounded = "stayed on the ground"
        case motorsCut = "motors cut"
        case fell
        case stillUp = "still up"
    }

    package var seed: UInt64
    package var end: End
    /// The worst end that its faults excuse.
    package var faultClass: FaultClass
    /// What was struck: kind, phase of the update.
    package var struck: [(kind: FaultKind, phase: String)]
    /// What must not be, in words; empty: it ended in its class.
    package var breaches: [String]
    package var outcome: String
    /// Why the update came to no good end, without the figures in it; empty: it did, or nobody says.
    package var reason: String
    /// s, simulated.
    package var seconds: Double
    /// Of everything that the motor chip was told: two flights of one seed have the same.
    package var print: UInt64
    package var story: [String]

    /// Flies the plan and judges it, from what the motor chip was told, from the truth, and from the containers' logs.
    package static func fly(_ plan: CampaignPlan) -> CampaignResult {
        let flight = CampaignFlight(plan)
        flight.fly()
        return CampaignResult(flight)
    }

    private static func reason(_ outcome: HandoverOutcome) -> String {
        switch outcome {
        case .updated, .planned: ""
        case .refused(let why), .rolledBack(let why), .rollbackFailed(let why):
            String(why.split(whereSeparator: \.isNumber).joined(separator: "N").prefix(140))
        }
    }

    private init(_ flight: CampaignFlight) {
        let plan = flight.plan
        let world = flight.world
        seed = plan.seed
        seconds = Double(flight.now) / 1e9
        faultClass = flight.strikes.compactMap { $0?.faultClass }.max() ?? .fliesOn
        struck = zip(plan.faults, flight.strikes).compactMap { fault, strike in
            strike.map { (fault.kind, $0.phase) }
        }
        outcome = flight.agent.outcome.map { "\($0)".prefix { $0 != "(" }.description } ?? "none"
        reason = flight.agent.outcome.map(Self.reason) ?? ""
        breaches = flight.breaches
        let cut = zip(plan.faults, flight.strikes).first { $0.0.kind == .kill && $0.1 != nil }?.0
        var window = FlightWindow.airborne(world.truthLog.records) ?? 0..<1
        // Behind the kill line everybody commands zeros, and nobody's can be told apart.
        if let cut { window = min(window.lowerBound, cut.begin)..<max(1, min(window.upperBound, cut.begin)) }
        let ledger = TickLedger(
            motors: world.motorLog.records, logs: flight.logs, encoding: flight.encoding, period: flight.period,
            window: window)
        if ledger.twoOwner > 0 { breaches.append("\(ledger.twoOwner) two-owner ticks") }
        if ledger.stale > 0 { breaches.append("\(ledger.stale) stale commands applied") }

        if world.truth.crash != nil, cut == nil {
            end = .fell
        } else if cut != nil {
            end = .motorsCut
        } else if flight.core.modes.mode != .disarmed {
            end = .stillUp
        } else if !flight.hasFlown {
            end = .grounded
        } else {
            end = flight.landedEarly ? .landed : .flewOn
        }
        if let cut { breaches += Self.late(cut, world.motorLog.records, flight) }
        switch end {
        case .flewOn, .motorsCut: break
        case .landed, .grounded: if faultClass < .lands { breaches.append("it came down before its time") }
        case .fell: if faultClass < .noRemedy { breaches.append("it fell: \(world.truth.crash.map { "\($0)" } ?? "")") }
        case .stillUp: if faultClass < .noRemedy { breaches.append("it was still up at the end") }
        }
        if end == .flewOn, flight.mustLand { breaches.append("it flew on and should have landed") }
        let silence = Self.longestSilence(world.motorLog.records, flight)
        if silence > 0, faultClass < .motorsCut { breaches.append("no motor write for \(silence) ms") }
        if flight.agent.isAtRest {
            for slot in flight.containers.indices
            where flight.containers[slot] != nil && flight.agent.roles[slot] == nil {
                breaches.append("a container that nobody knows of")
            }
        } else if flight.agent.phase != nil {
            let agent = flight.agent
            let roles = agent.roles.map { $0?.rawValue ?? "none" }.joined(separator: " and ")
            breaches.append(
                "the agent did not come to rest (\(agent.isAlive ? "alive" : "dead"), phase \(flight.phaseName), roles \(roles), owner \(flight.core.arbiter.owner), \(agent.works.count) works)"
            )
        }
        print = Self.fingerprint(world.motorLog.records)
        story = zip(plan.faults, flight.strikes).map { fault, strike in
            let at = (Double(fault.begin) / 1e7).rounded() / 100
            let whom = fault.kind.isOfContainer ? " \(fault.target.rawValue)" : ""
            return "\(fault.kind.rawValue)\(whom) at \(at) s for \(fault.milliseconds) ms: "
                + (strike.map { "struck in phase \($0.phase), class \($0.faultClass)" } ?? "met nothing")
        }
        story.append(
            "wind \((plan.world.wind.speed20 * 10).rounded() / 10) m/s, update asked \((plan.updateAt * 100).rounded() / 100) s after the first manoeuvre: \(flight.agent.outcome.map { "\($0)" } ?? outcome); \(end.rawValue)"
        )
    }

    /// Whether motors turned after the kill line should have stopped them.
    private static func late(
        _ kill: PlannedFault, _ records: [MotorRecord], _ flight: CampaignFlight
    ) -> [String] {
        // A machine that sleeps reads no line.
        let limit = kill.begin + UInt64(FaultClass.cutMilliseconds) * 1_000_000 + flight.asleep
        let (off, fullOff) = (flight.encoding.count(0), UInt16(0x1000))
        let turning = records.contains { record in
            record.stop > limit && record.stop < kill.end
                && (0..<4).contains { record.off[$0] & fullOff == 0 && record.off[$0] > off }
        }
        return turning ? ["motors turned \(FaultClass.cutMilliseconds) ms after the kill line"] : []
    }

    /// ms of the longest time in the air without a write, beyond what its faults explain; 0: none.
    private static func longestSilence(_ records: [MotorRecord], _ flight: CampaignFlight) -> Int {
        // Two ticks without one are noticed; a bus or a chip that is struck is silent as long as it is struck, and a
        // motor chip that has lost its power is set up anew.
        var allowed: UInt64 = 3 * flight.period
        for (fault, strike) in zip(flight.plan.faults, flight.strikes) where strike != nil {
            switch fault.kind {
            case .busHang, .stall, .motorNack, .motorTorn: allowed += UInt64(fault.milliseconds) * 1_000_000
            case .motorBrownOut: allowed += 60_000_000
            default: break
            }
        }
        guard let window = FlightWindow.airborne(flight.world.truthLog.records) else { return 0 }
        var last = window.lowerBound
        var longest: UInt64 = 0
        for record in records where window.contains(record.stop) {
            longest = max(longest, record.stop - last)
            last = record.stop
        }
        return longest > allowed ? Int(longest / 1_000_000) : 0
    }

    private static func fingerprint(_ records: [MotorRecord]) -> UInt64 {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01B3 }
        for record in records {
            mix(record.stop)
            for motor in 0..<4 { mix(UInt64(record.off[motor])) }
        }
        return value
    }
}
