import Contract
import Handover
import Testing

/// What flight and machine object to, one by one, and how an update takes it.
@Suite struct UpdateGateTests {
    private func view(
        _ mode: FlightMode, height: Float? = 5, tilt: Float = 0, trouble: ArmingReasons = []
    ) -> CoreView {
        var view = HandoverRig().view(tilt: tilt)
        (view.mode, view.height, view.tilt, view.trouble) = (mode, height, tilt, trouble)
        return view
    }

    @Test func aGoodFlightHasNoObjection() {
        #expect(UpdateGate.objections(view(.fly)).isEmpty)
        #expect(UpdateGate.objections(view(.fly, height: nil)).isEmpty, "what is not known is no objection")
        #expect(UpdateGate.objections(view(.armed, height: 0)).isEmpty)
        // Nothing of the flight counts on the ground.
        #expect(UpdateGate.objections(view(.disarmed, height: 0, trouble: [.batteryLow, .imu])).isEmpty)
    }

    @Test(arguments: [
        (FlightMode.takeoff, "takes off"), (.land, "lands"), (.failsafe, "failsafe flies"),
    ])
    func theseModesAlone(mode: FlightMode, words: String) {
        let objections = UpdateGate.objections(view(mode, height: 0.5))
        #expect(objections.count == 1 && objections[0].contains(words), "\(objections)")
    }

    @Test func lowIsTooLow() {
        let objections = UpdateGate.objections(view(.fly, height: 3.9))
        #expect(objections == ["it flies 3.9 m high, less than the 4 m in which it recovers"])
        #expect(UpdateGate.objections(view(.fly, height: 4)).isEmpty)
    }

    @Test(arguments: [
        ArmingReasons.imu, .barometer, .batteryChip, .motorChip, .batteryLow, .epochs, .kill,
    ])
    func eachTroubleAlone(trouble: ArmingReasons) {
        #expect(UpdateGate.objections(view(.fly, trouble: trouble)) == trouble.reasons)
        #expect(trouble.reasons.count == 1)
    }

    @Test func whatOnlyKeepsFromArmingIsNone() {
        let ground: ArmingReasons = [.armSwitch, .notStill, .tilted, .noPilot, .ownerSilent, .noOwner, .busBudget]
        #expect(UpdateGate.objections(view(.fly, trouble: ground)).isEmpty)
    }

    @Test func theMachineObjectsWithFigures() {
        let enough = UpdateGate.Host(
            temperature: 79, isThrottled: false, memory: 64 << 20, stateSpace: 16 << 20, imageSpace: 128 << 20)
        #expect(UpdateGate.objections(enough).isEmpty && UpdateGate.objections(UpdateGate.Host()).isEmpty)
        #expect(UpdateGate.objections(UpdateGate.Host(temperature: 83.4)) == ["the CPU is 83 °C hot (limit 80)"])
        #expect(UpdateGate.objections(UpdateGate.Host(isThrottled: true)).count == 1)
        let scarce = UpdateGate.objections(
            UpdateGate.Host(memory: 63 << 20, stateSpace: 1 << 20, imageSpace: 127 << 20))
        #expect(
            scarce == [
                "63 MB of memory are free (64 are needed)", "1 MB of the state folder's disk are free (16 are needed)",
                "127 MB of the engine's disk are free (128 are needed)",
            ])
    }

    // MARK: In an update

    private func low(_ rig: HandoverRig, _ height: Float) -> HandoverEvent {
        var view = rig.view()
        view.height = height
        return .core(view)
    }

    @Test func aReadyCandidateWaitsAndTheEndSaysForWhat() {
        var rig = HandoverRig.at(.ready)
        rig.send(low(rig, 1))
        #expect(rig.machine.phase == .ready)
        rig.send(.time, after: rig.machine.policy.switchLimit + 0.1)
        guard case .refused(let why) = rig.machine.pendingOutcome else {
            Issue.record("\(rig.machine.phase)")
            return
        }
        #expect(why.contains("calm enough (it flies 1.0 m high") && why.contains("within 10 s"), "\(why)")
        rig = HandoverRig.at(.ready)
        rig.send(low(rig, 1))
        rig.send(low(rig, 5))
        #expect(rig.machine.phase == .switching, "it has climbed")
    }

    @Test func whoForcesItSwitches() {
        var request = HandoverRig.request
        request.isForced = true
        var rig = HandoverRig.at(.ready, request: request)
        #expect(rig.machine.phase == .ready, "not in the landing that the rig comes here with")
        rig.send(low(rig, 1))
        #expect(rig.machine.phase == .switching)
    }

    @Test(arguments: [HandoverPhase.pulling, .rehearsing, .shadowing, .ready, .switching])
    func aSpentBatteryUndoesTheUpdate(phase: HandoverPhase) {
        var rig = HandoverRig.at(phase)
        var view = rig.view()
        view.trouble = .batteryLow
        rig.send(.core(view))
        guard case .refused(let why) = rig.outcome ?? rig.machine.pendingOutcome else {
            Issue.record("\(rig.machine.phase)")
            return
        }
        #expect(why.contains("battery is low"), "\(why)")
    }

    /// The failsafe flies: nobody's state is left to go over, and the agent must be free to start a container.
    @Test(arguments: [HandoverPhase.pulling, .rehearsing, .shadowing, .ready, .switching])
    func whenTheFailsafeFliesTheUpdateIsUndoneAtOnce(phase: HandoverPhase) {
        var rig = HandoverRig.at(phase)
        rig.send(.core(rig.view(owner: "", mode: .failsafe)))
        guard case .refused(let why) = rig.outcome ?? rig.machine.pendingOutcome else {
            Issue.record("\(rig.machine.phase)")
            return
        }
        #expect(why.contains("failsafe"), "\(why)")
    }

    @Test func behindTheSwitchWhoFliesLands() {
        var rig = HandoverRig.at(.probation)
        var view = rig.view(owner: "v2", mode: .land)
        view.trouble = .batteryLow
        rig.send(.core(view))
        #expect(rig.machine.phase == .probation)
    }
}
