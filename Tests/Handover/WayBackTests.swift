import Contract
import Handover
import Testing

/// From every phase there is a way back that leaves the old version flying.
@Suite struct WayBackTests {
    private static let beforeSwitch: [HandoverPhase] = [
        .pulling, .verifying, .starting, .planning, .rehearsing, .syncing, .shadowing, .ready, .switching,
    ]

    private func expectKept(_ rig: HandoverRig, _ phase: HandoverPhase) {
        guard case .refused(let sentence)? = rig.outcome else {
            Issue.record("\(phase) ended with \(String(describing: rig.outcome))")
            return
        }
        #expect(sentence.hasSuffix(".") && sentence.count > 10)
        #expect(!rig.log.contains(.stopOld) && rig.machine.phase == .idle)
        // What may have been started is stopped again; a pending switch is called off.
        let mayRun = phase != .pulling && phase != .verifying
        #expect(rig.log.contains(.stopCandidate) == mayRun)
        #expect(rig.log.contains(.cancelSwitch) == (phase == .switching))
        let streams = rig.log.filter { if case .stream = $0 { true } else { false } }
        #expect(streams.isEmpty || streams.last == .stream(interval: 0, window: 0))
    }

    @Test(arguments: beforeSwitch) func timeOutKeepsTheOld(phase: HandoverPhase) {
        var rig = HandoverRig.at(phase)
        _ = rig.settle(limit: 700)
        expectKept(rig, phase)
    }

    @Test(arguments: beforeSwitch) func anEndOfTheCandidateKeepsTheOld(phase: HandoverPhase) {
        var rig = HandoverRig.at(phase)
        rig.send(.exited(instance: "v2", "exit code 1"))
        rig.send(.stopped)
        expectKept(rig, phase)
    }

    @Test(arguments: beforeSwitch) func aFailureKeepsTheOld(phase: HandoverPhase) {
        var rig = HandoverRig.at(phase)
        rig.send(.failed("The step could not be done."))
        rig.send(.stopped)
        expectKept(rig, phase)
        #expect(rig.outcome == .refused("The step could not be done."))
    }

    @Test(arguments: beforeSwitch) func callingItOffKeepsTheOld(phase: HandoverPhase) {
        var rig = HandoverRig.at(phase)
        rig.send(.rollbackRequested)
        rig.send(.stopped)
        expectKept(rig, phase)
    }

    /// What does not belong to the phase changes nothing.
    @Test(arguments: HandoverPhase.allCases) func strayMessagesChangeNothing(phase: HandoverPhase) {
        var rig = HandoverRig.at(phase)
        var stray: [HandoverEvent] = [
            .exited(instance: "v9", "exit code 0"), .exited(instance: "v1", "killed"), .candidateReady(tick: 0),
            .applied(tick: 0), .applied(tick: 99_999_999), .offered(HandoverRig.offers), .time,
        ]
        if phase != .pulling { stray.append(.pulled) }
        if phase != .verifying { stray.append(.verified) }
        if phase != .starting { stray.append(.started) }
        if phase != .starting && phase != .planning { stray.append(.needed([])) }
        if phase != .rehearsing { stray.append(.rehearsed) }
        if phase != .committing && phase != .undoing { stray.append(.stopped) }
        if phase != .idle { stray.append(.requested(HandoverRequest(owner: "v8", candidate: "v9", isDryRun: false))) }
        if phase == .planning { stray.removeAll { $0 == .offered(HandoverRig.offers) } }
        for event in stray {
            #expect(rig.send(event, after: 0) == [], "\(event) in \(phase)")
            #expect(rig.machine.phase == phase)
        }
        #expect(phase == .idle || rig.machine.request == HandoverRig.request)
    }

    @Test func cutsAreTakenOnceAndInOrder() {
        var rig = HandoverRig.at(.shadowing)
        #expect(rig.send(.cutArrived(tick: 510, bytes: 1)) == [.forwardCut(tick: 510)])
        #expect(rig.send(.cutArrived(tick: 510, bytes: 1)) == [])
        #expect(rig.send(.cutArrived(tick: 505, bytes: 1)) == [])
        #expect(rig.send(.applied(tick: 511)) == [] && rig.machine.lastApplied == 500, "it was never forwarded")
        for phase in [HandoverPhase.idle, .planning, .rehearsing, .probation, .committing, .undoing] {
            var other = HandoverRig.at(phase)
            #expect(other.send(.cutArrived(tick: 900, bytes: 1)) == [])
        }
    }

    @Test func theWindowOfTheShadowMustBeWhole() {
        var rig = HandoverRig.at(.shadowing)
        rig.send(.candidateReady(tick: 500))
        for round in 0..<30 {
            // Out of step once in 1.5 s: it never gets there.
            rig.send(.core(rig.view(inStep: round % 3 != 0)), after: 0.5)
            #expect(rig.machine.phase == .shadowing)
        }
        var late = HandoverRig.at(.shadowing)
        late.send(.candidateReady(tick: 500))
        for round in 0..<30 {
            late.send(.core(late.view(late: UInt64(round) * 6)), after: 0.5)
            #expect(late.machine.phase == .shadowing)
        }
        var unsettled = HandoverRig.at(.shadowing)
        unsettled.send(.candidateReady(tick: 500))
        for _ in 0..<8 { unsettled.send(.core(unsettled.view(settled: false)), after: 0.5) }
        #expect(unsettled.machine.phase == .shadowing)
        var silent = HandoverRig.at(.shadowing)
        for _ in 0..<8 { silent.send(.core(silent.view()), after: 0.5) }
        #expect(silent.machine.phase == .shadowing, "it must say so itself")
    }

    @Test func whoDiffersTooMuchIsRefused() {
        for (divergence, angular) in [
            (Float(0.2), Float(5)), (0.03, 200), (.nan, 5), (0.03, .nan), (.infinity, .infinity),
        ] {
            var rig = HandoverRig.at(.shadowing)
            rig.send(.candidateReady(tick: 500))
            for _ in 0..<6 { rig.send(.core(rig.view(divergence: divergence, angular: angular)), after: 0.5) }
            rig.send(.stopped)
            guard case .refused(let sentence)? = rig.outcome else {
                Issue.record("\(divergence) and \(angular) were let through")
                continue
            }
            #expect(sentence.contains("differ too much"))
        }
    }

    /// Having passed is no leave to go mad before the switch.
    @Test(arguments: [HandoverPhase.ready, .switching]) func whoComesToDifferIsRefusedUntilItOwns(phase: HandoverPhase)
    {
        var rig = HandoverRig.at(phase)
        rig.send(.core(rig.view(pending: phase == .switching, mode: .land)))
        #expect(rig.machine.phase == phase)
        rig.send(.core(rig.view(pending: phase == .switching, mode: .land, divergence: 0.3)))
        #expect(rig.machine.phase == .undoing)
        #expect(rig.log.contains(.cancelSwitch) == (phase == .switching))
    }

    @Test func whoAnswersTheWrongWayOrTooStronglyIsRefused() {
        for (gain, passes) in [
            (Float(1), true), (0.5, true), (1.5, true), (-1, false), (3, false), (0.1, false), (.nan, false),
        ] {
            for bit in 0..<4 {
                var gains: (Float, Float, Float, Float) = (1, 1, 1, 1)
                withUnsafeMutableBytes(of: &gains) { $0.storeBytes(of: gain, toByteOffset: bit * 4, as: Float.self) }
                var rig = HandoverRig.at(.shadowing)
                rig.send(.candidateReady(tick: 500))
                // An axis that the owner did not move says nothing.
                let known = passes ? 15 : UInt8(1) << UInt8(bit)
                // Too strong it may be for a moment behind its window.
                for _ in 0..<12 {
                    rig.send(.core(rig.view(gains: AxisGains(gains, known: known))), after: 0.5)
                }
                rig.send(.stopped)
                guard case .refused(let sentence)? = rig.outcome else {
                    #expect(passes, "\(gain) was let through")
                    continue
                }
                #expect(!passes && sentence.contains(["roll", "pitch", "yaw", "thrust"][bit]))
            }
        }
        var still = HandoverRig.at(.shadowing)
        still.send(.candidateReady(tick: 500))
        let wrong = AxisGains((-1, -1, -1, -1), known: 0)
        for _ in 0..<6 { still.send(.core(still.view(gains: wrong)), after: 0.5) }
        #expect(still.outcome == nil)
    }

    @Test func whoIsTooStrongForAMomentIsNotRefused() {
        var rig = HandoverRig.at(.shadowing)
        rig.send(.candidateReady(tick: 500))
        let strong = AxisGains((3, 1, 1, 1), known: 15)
        for _ in 0..<6 { rig.send(.core(rig.view(gains: strong)), after: 0.5) }
        #expect(rig.machine.phase == .shadowing && rig.outcome == nil)
        rig.send(.core(rig.view(gains: AxisGains((2.5, 1, 1, 1), known: 15))), after: 0.1)
        #expect(rig.machine.phase == .switching)
    }

    @Test func anExpiredSwitchKeepsTheOld() {
        var rig = HandoverRig.at(.switching)
        rig.send(.core(rig.view(pending: true)))
        rig.send(.core(rig.view(cause: .expired)))
        rig.send(.stopped)
        expectKept(rig, .switching)
    }

    /// The core still tells of an older switch that expired, until it has taken this one up.
    @Test func anOlderExpiryIsNoAnswer() {
        var rig = HandoverRig.at(.ready)
        rig.send(.core(rig.view(cause: .expired)))
        #expect(rig.machine.phase == .switching)
        #expect(rig.send(.core(rig.view(cause: .expired))) == [])
        #expect(rig.send(.core(rig.view(pending: true, cause: .expired))) == [])
        #expect(rig.send(.core(rig.view(cause: .expired))).contains(.stopCandidate))
    }

    @Test func theCoresWayBackEndsTheProbation() {
        for cause in [SwitchCause.missed, .gone, .range, .envelope, .requested] {
            var rig = HandoverRig.at(.probation)
            #expect(rig.send(.core(rig.view(owner: "v1", cause: cause))) == [.entered(.undoing), .stopCandidate])
            rig.send(.stopped)
            guard case .rolledBack(let sentence)? = rig.outcome else {
                Issue.record("\(cause) did not roll back")
                continue
            }
            #expect(sentence.contains("\(cause)") && !rig.log.contains(.stopOld))
        }
    }

    @Test func rollbackIsTheCores() {
        var rig = HandoverRig.at(.probation)
        #expect(rig.send(.rollbackRequested) == [.rollback])
        #expect(rig.machine.phase == .probation, "until the core says that it is done")
        rig.send(.exited(instance: "v2", "killed"))
        #expect(rig.machine.phase == .probation)
        rig.send(.core(rig.view(owner: "v1", cause: .requested)))
        #expect(rig.machine.phase == .undoing)
    }

    @Test func whenNeitherFliesNothingIsStopped() {
        var rig = HandoverRig.at(.probation)
        rig.send(.core(rig.view(owner: "", cause: .gone)))
        guard case .rollbackFailed? = rig.outcome else {
            Issue.record("\(String(describing: rig.outcome))")
            return
        }
        #expect(!rig.log.contains(.stopCandidate) && !rig.log.contains(.stopOld))
    }

    /// The new owner's socket has closed; the standby gets the motors at the next boundary.
    @Test func betweenTwoOwnersTheNextWordIsWaitedFor() {
        var rig = HandoverRig.at(.probation)
        var view = rig.view(owner: "", cause: .requested)
        view.inProbation = true
        #expect(rig.send(.core(view)) == [])
        rig.send(.core(rig.view(owner: "v1", cause: .gone)))
        rig.send(.stopped)
        guard case .rolledBack? = rig.outcome else {
            Issue.record("\(String(describing: rig.outcome))")
            return
        }
    }

    /// Time proves nothing: without the core's word both versions are left running.
    @Test func aSilentCoreEndsTheProbationBadly() {
        var rig = HandoverRig.at(.probation)
        #expect(rig.settle(limit: 60) <= 17)
        guard case .rollbackFailed? = rig.outcome else {
            Issue.record("\(String(describing: rig.outcome))")
            return
        }
        #expect(!rig.log.contains(.stopOld) && !rig.log.contains(.stopCandidate) && rig.log.contains(.rollback))
    }

    /// A view from before the switch arrives in probation: it must not stop who flies now.
    @Test func aLateViewIsNoWayBack() {
        var rig = HandoverRig.at(.switching)
        let old = rig.view()
        rig.send(.core(rig.view(pending: true)))
        rig.send(.core(rig.view(owner: "v2")))
        #expect(rig.send(.core(old)) == [])
        #expect(rig.machine.phase == .probation)
    }

    @Test func whatCannotBeStoppedDoesNotHoldUpTheEnd() {
        var rig = HandoverRig.at(.committing)
        rig.send(.failed("The old container cannot be stopped."))
        #expect(rig.outcome == .updated)
        var slow = HandoverRig.at(.committing)
        #expect(slow.settle(limit: 30) <= 17)
        #expect(slow.outcome == .updated)
    }
}
