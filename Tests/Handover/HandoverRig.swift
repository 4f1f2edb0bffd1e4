import Contract
import Handover

/// The shipped machine, driven by hand.
struct HandoverRig {
    var machine = HandoverMachine(policy: HandoverPolicy())
    /// ns.
    var now: UInt64 = 1_000_000_000
    var tick: UInt64 = 1000
    var log: [HandoverAction] = []

    static let offers = [
        ChannelOffer(name: "estimator", schema: 1, kind: .replicate, bytes: 100, rate: 50),
        ChannelOffer(name: "datum", schema: 1, kind: .seed, bytes: 8, rate: 0),
    ]
    static let needs = [
        ChannelNeed(name: "estimator", schemas: 1...2, kind: .replicate, required: true, settleMilliseconds: 500),
        ChannelNeed(name: "datum", schemas: 1...1, kind: .seed, required: true, settleMilliseconds: 0),
    ]
    static let request = HandoverRequest(owner: "v1", candidate: "v2", isDryRun: false)

    /// Hands the event over, `seconds` after the last one. Returns the actions.
    @discardableResult
    mutating func send(_ event: HandoverEvent, after seconds: Double = 0.01) -> [HandoverAction] {
        now += UInt64(seconds * 1e9)
        tick += UInt64(seconds * 500)
        let actions = machine.handle(event, now: now)
        log += actions
        return actions
    }

    func view(
        owner: String = "v1", pending: Bool = false, cause: SwitchCause = .none, mode: FlightMode = .fly,
        tilt: Float = 0.1, rate: Float = 0.1, late: UInt64 = 0, divergence: Float = 0.03, angular: Float = 5,
        gains: AxisGains = AxisGains(), settled: Bool = true, inStep: Bool = true
    ) -> CoreView {
        CoreView(
            tick: tick, owner: owner, mode: mode, inProbation: owner == "v2", switchPending: pending, cause: cause,
            switchTick: 0, tilt: tilt, rate: rate,
            candidate: CandidateView(
                answeredTick: tick, inStepSince: inStep ? 900 : 0, isSettled: settled, late: late,
                divergence: divergence, angularDivergence: angular, gains: gains))
    }

    /// Brings the machine into `phase` by the straight way.
    static func at(_ phase: HandoverPhase, request: HandoverRequest = request) -> HandoverRig {
        var rig = HandoverRig()
        let steps: [(HandoverPhase, (inout HandoverRig) -> Void)] = [
            (.pulling, { $0.send(.requested(request)) }),
            (.verifying, { $0.send(.pulled) }),
            (.starting, { $0.send(.verified) }),
            (
                .planning,
                {
                    $0.send(.started)
                    $0.send(.needed(needs))
                }
            ),
            (.rehearsing, { $0.send(.offered(offers)) }),
            (.syncing, { $0.send(.rehearsed) }),
            (
                .shadowing,
                {
                    $0.send(.cutArrived(tick: 500, bytes: 108))
                    $0.send(.applied(tick: 500))
                }
            ),
            (
                .ready,
                {
                    $0.send(.candidateReady(tick: 500))
                    for _ in 0..<25 where $0.machine.phase == .shadowing {
                        $0.send(.core($0.view(mode: .land)), after: 0.1)
                    }
                }
            ),
            (.switching, { $0.send(.core($0.view())) }),
            (.probation, { $0.send(.core($0.view(owner: "v2"))) }),
            (
                .committing,
                {
                    for _ in 0..<60 where $0.machine.phase == .probation {
                        $0.send(.core($0.view(owner: "v2")), after: 0.1)
                    }
                }
            ),
        ]
        if phase == .undoing {
            var undone = at(.syncing)
            undone.send(.failed("No."))
            return undone
        }
        for (reached, step) in steps where rig.machine.phase != phase {
            step(&rig)
            precondition(rig.machine.phase == reached, "\(reached) was not reached but \(rig.machine.phase)")
        }
        return rig
    }

    var outcome: HandoverOutcome? {
        for case .finished(let outcome) in log { return outcome }
        return nil
    }

    /// Lets time pass until the machine is idle, at most so many seconds; those it took.
    mutating func settle(limit: Double) -> Double {
        let from = now
        for _ in 0..<Int(limit) where machine.phase != .idle { send(.time, after: 1) }
        return Double(now - from) / 1e9
    }
}

extension HandoverPolicy {
    /// The longest that an update can take, s.
    var longest: Double {
        pullLimit + verifyLimit + startLimit + planLimit + rehearseLimit + syncLimit + shadowLimit + 2 * switchLimit
            + probationSeconds + silenceLimit + commitLimit + undoLimit + 13
    }
}
