import Contract
import Handover
import Testing

/// Any events in any order, from thousands of seeds.
@Suite struct RandomEventTests {
    /// SplitMix64; this target links no simulator.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private func event(_ rig: HandoverRig, _ random: inout Generator) -> HandoverEvent {
        switch Int.random(in: 0..<36, using: &random) {
        case 0: .requested(HandoverRequest(owner: "v1", candidate: "v2", isDryRun: random.next() % 8 == 0))
        case 1, 2: .pulled
        case 3, 4: .verified
        case 5, 6: .started
        case 7, 8: .needed(random.next() % 9 == 0 ? [] : HandoverRig.needs)
        case 9, 10: .offered(random.next() % 9 == 0 ? [] : HandoverRig.offers)
        case 11, 12, 13: .cutArrived(tick: rig.machine.lastCut &+ random.next() % 12, bytes: 100)
        case 14, 15, 16: .applied(tick: rig.machine.lastCut &+ 2 &- random.next() % 4)
        case 17, 18: .candidateReady(tick: rig.machine.lastCut)
        case 19:
            random.next() % 6 == 0
                ? .exited(instance: ["v1", "v2", "v3"].randomElement(using: &random) ?? "v1", "killed") : .time
        case 20: random.next() % 6 == 0 ? .failed("No.") : .time
        case 21: random.next() % 6 == 0 ? .rollbackRequested : .time
        case 22: .stopped
        case 23: .time
        case 24, 25: .rehearsed
        default: .core(view(rig, &random))
        }
    }

    private func view(_ rig: HandoverRig, _ random: inout Generator) -> CoreView {
        let owners =
            rig.machine.phase == .probation ? ["v2", "v2", "v2", "v2", "v2", "v2", "v1", ""] : ["v1", "v1", "v2"]
        let causes: [SwitchCause] = [.none, .none, .none, .expired, .gone]
        var view = rig.view(
            owner: owners.randomElement(using: &random) ?? "v1", pending: random.next() % 2 == 0,
            cause: causes.randomElement(using: &random) ?? .none,
            mode: FlightMode.allCases.randomElement(using: &random) ?? .fly,
            divergence: random.next() % 40 == 0 ? 1 : 0.03,
            inStep: random.next() % 60 != 0)
        if random.next() % 20 == 0 { view.tick -= min(view.tick, random.next() % 3000) }
        if random.next() % 40 == 0 { view.candidate = nil }
        return view
    }

    @Test func theOldVersionIsStoppedOnlyWhenTheNewOneFlies() {
        var (updated, wentBack, refused, failed) = (0, 0, 0, 0)
        for seed in UInt64(1)...5000 {
            var random = Generator(state: seed)
            var rig = HandoverRig()
            var entered: UInt64 = 0
            var newest: (tick: UInt64, owner: String)?
            var wasReady = false
            for _ in 0..<300 {
                let event = event(rig, &random)
                let seconds = [0.001, 0.01, 0.1, 0.4].randomElement(using: &random) ?? 0.01
                let before = rig.machine.phase
                let actions = rig.send(event, after: seconds)
                if case .core(let view) = event, view.tick >= newest?.tick ?? 0 { newest = (view.tick, view.owner) }
                for action in actions {
                    switch action {
                    case .entered(.pulling): (newest, wasReady) = (nil, false)
                    case .entered(.probation): entered = rig.now
                    case .entered(.ready): wasReady = true
                    case .requestSwitch: #expect(wasReady, "seed \(seed)")
                    case .stopOld:
                        #expect(before == .probation && newest?.owner == "v2", "seed \(seed)")
                        #expect(Double(rig.now - entered) / 1e9 >= rig.machine.policy.probationSeconds, "seed \(seed)")
                    case .stopCandidate: #expect(newest?.owner != "v2" || before != .probation, "seed \(seed)")
                    case .finished(.updated): updated += 1
                    case .finished(.rolledBack): wentBack += 1
                    case .finished(.refused): refused += 1
                    case .finished(.rollbackFailed): failed += 1
                    default: break
                    }
                }
                if case .finished? = actions.last { #expect(rig.machine.phase == .idle) }
            }
            let longest = rig.machine.policy.longest
            #expect(rig.settle(limit: longest) <= longest && rig.machine.phase == .idle, "seed \(seed)")
        }
        #expect(
            updated > 20 && wentBack > 20 && refused > 500 && failed > 20, "\(updated) \(wentBack) \(refused) \(failed)"
        )
    }
}
