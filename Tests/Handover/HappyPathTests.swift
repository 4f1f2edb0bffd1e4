import Contract
import Handover
import Testing

/// An update as it should be, event by event.
@Suite struct HappyPathTests {
    @Test func eventByEvent() throws {
        var rig = HandoverRig()
        #expect(rig.send(.requested(HandoverRig.request)) == [.entered(.pulling), .pull])
        #expect(rig.send(.pulled) == [.entered(.verifying), .verify])
        #expect(rig.send(.verified) == [.entered(.starting), .start])
        #expect(rig.send(.needed(HandoverRig.needs)) == [])
        #expect(rig.send(.started) == [.entered(.planning)])
        let actions = rig.send(.offered(HandoverRig.offers))
        let plan = try #require(rig.machine.plan)
        #expect(actions == [.planned(plan), .entered(.rehearsing), .rehearse])
        #expect(rig.send(.cutArrived(tick: 490, bytes: 108)) == [], "the rehearsal's, not the candidate's")
        #expect(rig.send(.rehearsed) == [.entered(.syncing), .stream(interval: 10, window: 10)])
        #expect(rig.send(.cutArrived(tick: 500, bytes: 108)) == [.forwardCut(tick: 500)])
        #expect(rig.send(.applied(tick: 500)) == [.entered(.shadowing)])
        #expect(rig.send(.cutArrived(tick: 510, bytes: 108)) == [.forwardCut(tick: 510)])
        #expect(rig.send(.candidateReady(tick: 510)) == [])
        #expect(rig.send(.core(rig.view())) == [])
        #expect(rig.send(.core(rig.view()), after: 1.5) == [], "the window is 2 s")
        #expect(
            rig.send(.core(rig.view()), after: 0.6) == [
                .entered(.ready), .entered(.switching), .requestSwitch(ticks: 500),
            ])
        #expect(rig.send(.core(rig.view(pending: true))) == [])
        #expect(rig.send(.cutArrived(tick: 520, bytes: 108)) == [.forwardCut(tick: 520)], "until the switch")
        #expect(rig.send(.core(rig.view(owner: "v2"))) == [.entered(.probation), .stream(interval: 0, window: 0)])
        #expect(rig.send(.core(rig.view(owner: "v2")), after: 4.9) == [])
        #expect(rig.send(.core(rig.view(owner: "v2")), after: 0.2) == [.entered(.committing), .commit, .stopOld])
        #expect(rig.send(.stopped) == [.entered(.idle), .finished(.updated)])
        #expect(rig.machine.cutsForwarded == 3 && rig.machine.bytesForwarded == 324 && rig.machine.request == nil)
    }

    @Test func aDryRunPlansAndChangesNothing() throws {
        var rig = HandoverRig()
        rig.send(.requested(HandoverRequest(owner: "v1", candidate: "v2", isDryRun: true)))
        rig.send(.pulled)
        rig.send(.verified)
        rig.send(.started)
        rig.send(.needed(HandoverRig.needs))
        let actions = rig.send(.offered(HandoverRig.offers))
        let plan = try #require(rig.machine.plan)
        #expect(actions == [.planned(plan), .entered(.undoing), .stopCandidate])
        #expect(rig.send(.stopped) == [.entered(.idle), .finished(.planned(plan))])
        #expect(!rig.log.contains { if case .stream = $0 { true } else { false } })
    }

    @Test func aCalmMomentIsWaitedFor() {
        for mode in FlightMode.allCases {
            var rig = HandoverRig.at(.ready)
            let begins = rig.send(.core(rig.view(mode: mode))) != []
            #expect(begins == (mode == .fly || mode == .armed || mode == .disarmed))
        }
        var rig = HandoverRig.at(.ready)
        #expect(rig.send(.core(rig.view(tilt: 0.9))) == [] && rig.send(.core(rig.view(rate: 5.1))) == [])
        #expect(rig.send(.core(rig.view(tilt: .nan))) == [], "nor on what is no number")
        #expect(rig.send(.core(rig.view())) != [])
    }

    /// The agent died in probation: it begins anew, so that the old owner stays warm for the whole of it.
    @Test func aResumedProbation() {
        var rig = HandoverRig()
        rig.machine = .resumed(HandoverRig.request, policy: HandoverPolicy(), now: rig.now)
        #expect(rig.send(.core(rig.view(owner: "v2")), after: 4) == [])
        #expect(rig.send(.core(rig.view(owner: "v2")), after: 1.1).contains(.stopOld))
        var other = HandoverRig()
        other.machine = .resumed(HandoverRig.request, policy: HandoverPolicy(), now: other.now)
        #expect(other.send(.core(other.view(owner: "v1", cause: .gone))).contains(.stopCandidate))
    }
}
