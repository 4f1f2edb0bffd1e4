import CContract
import Contract
import Handover
import Testing

@Suite struct PlanTests {
    private func plan(_ offers: [ChannelOffer], _ needs: [ChannelNeed]) -> Result<HandoverPlan, PlanRefusal> {
        do { return .success(try HandoverPlan(offers: offers, needs: needs, policy: HandoverPolicy())) } catch {
            return .failure(error)
        }
    }

    private func refusal(_ offers: [ChannelOffer], _ needs: [ChannelNeed]) -> String {
        guard case .failure(let refusal) = plan(offers, needs) else { return "" }
        return refusal.description
    }

    private func offer(_ name: String, _ schema: UInt16 = 1, kind: ChannelKind = .replicate, bytes: UInt32 = 64)
        -> ChannelOffer
    {
        ChannelOffer(name: name, schema: schema, kind: kind, bytes: bytes, rate: 50)
    }

    private func need(
        _ name: String, _ schemas: ClosedRange<UInt16> = 1...1, kind: ChannelKind = .replicate, required: Bool = true,
        settle: UInt32 = 0
    ) -> ChannelNeed {
        ChannelNeed(name: name, schemas: schemas, kind: kind, required: required, settleMilliseconds: settle)
    }

    @Test func aMissingChannelIsRefused() {
        let sentence = refusal([], [need("estimator")])
        #expect(sentence.contains("'estimator'") && sentence.contains("does not offer") && sentence.hasSuffix("."))
        #expect(refusal([offer("estimator", kind: .observe)], [need("estimator")]).contains("does not offer"))
    }

    @Test func anUnreadableSchemaIsRefused() {
        let sentence = refusal([offer("controller", 3)], [need("controller", 1...2)])
        #expect(sentence.contains("'controller'") && sentence.contains("1 to 2") && sentence.contains("sends 3"))
        #expect(refusal([offer("controller", 1)], [need("controller", 2...3)]).contains("sends 1"))
    }

    @Test func whatNoMessageCarriesIsRefused() throws {
        let whole = UInt32(DA_CUT_BYTES) - 32 - 40
        #expect(refusal([offer("big", bytes: whole + 1)], [need("big")]).contains("65536"))
        #expect(try plan([offer("big", bytes: whole)], [need("big")]).get().cutBytes == Int(whole))
        let many = (0..<3).map { "part\($0)" }
        #expect(refusal(many.map { offer($0, bytes: 30_000) }, many.map { need($0) }) != "")
    }

    @Test func optionalChannelsMayBeMissing() throws {
        let plan = try plan(
            [offer("estimator"), offer("mission", 9), offer("camera")],
            [need("estimator"), need("mission", 1...2, required: false), need("novelty", required: false)]
        ).get()
        #expect(plan.items.map(\.channel) == ["estimator"])
        #expect(plan.leftBehind == ["mission", "camera"])
        #expect(plan.cutBytes == 64)
    }

    @Test func migrationAndObservation() throws {
        let plan = try plan(
            [offer("estimator", 1)],
            [need("estimator", 1...2, settle: 500), need("bias", kind: .observe, settle: 3000)]
        ).get()
        #expect(plan.items[0].migrates && plan.items[0].schema == 1)
        #expect(!plan.items[1].migrates && plan.items[1].schema == nil && plan.items[1].bytes == 0)
        #expect(plan.shadowSeconds == 3, "the longest to settle")
        #expect(plan.probationSeconds == 5 && plan.totalSeconds == plan.rehearsalSeconds + plan.syncSeconds + 8)
        #expect(plan.rehearsalSeconds == 4, "three seconds of watching, one of the model")
        #expect(plan.syncSeconds > 0.02 && plan.syncSeconds < 0.05)
        #expect(plan.bytesPerSecond == 64 * 50)
    }

    private func map(_ bytes: UInt32, pace: UInt32 = 32 << 20) -> ChannelOffer {
        ChannelOffer(name: "map", schema: 1, kind: .replicate, bytes: bytes, rate: 50, form: .blocks, pace: pace)
    }

    private func mapNeed(_ bytes: UInt32, required: Bool = true) -> ChannelNeed {
        ChannelNeed(
            name: "map", schemas: 1...1, kind: .replicate, required: required, settleMilliseconds: 0, form: .blocks,
            bytes: bytes)
    }

    @Test func blocksTakeTheirTimeAndNoRoomInACut() throws {
        let plan = try plan([offer("estimator"), map(64 << 20)], [need("estimator"), mapNeed(64 << 20)]).get()
        #expect(plan.cutBytes == 64 && plan.blockBytes == 64 << 20)
        #expect(plan.syncSeconds > 2 && plan.syncSeconds < 2.05)
        // Where the queue was seen to carry less than the owner's pace, that counts.
        var policy = HandoverPolicy()
        policy.queueBytesPerSecond = 8e6
        let slow = try HandoverPlan(offers: [map(64 << 20)], needs: [mapNeed(64 << 20)], policy: policy)
        #expect(slow.syncSeconds > 8.3 && slow.syncSeconds < 8.5)
    }

    @Test func blocksOfAnotherSizeOrFormAreRefused() throws {
        #expect(refusal([map(2048)], [mapNeed(1024)]).contains("in blocks of 2048 bytes together"))
        #expect(refusal([map(2048)], [need("map")]).contains("takes the channel 'map' whole"))
        #expect(refusal([offer("map")], [mapNeed(1024)]).contains("sends it whole"))
        #expect(try plan([map(2048)], [mapNeed(1024, required: false)]).get().leftBehind == ["map"])
    }

    /// Twenty seconds, and four times what the blocks take; at most five minutes.
    @Test(arguments: [(UInt32(1024), 20.0), (64 << 20, 28.0)])
    func theLimitOfSyncingGrowsWithTheState(bytes: UInt32, seconds: Double) {
        var rig = HandoverRig.at(.starting)
        rig.send(.started)
        rig.send(.needed([mapNeed(bytes)]))
        rig.send(.offered([map(bytes)]))
        rig.send(.rehearsed)
        #expect(rig.machine.phase == .syncing)
        #expect(rig.log.contains(.want([mapNeed(bytes)])))
        rig.send(.blocksArrived(bytes: 1024))
        #expect(rig.log.last == .forwardBlocks && rig.machine.blockBytesForwarded == 1024)
        rig.send(.blocksTaken(piece: 1))
        #expect(rig.log.last == .forwardTaken(piece: 1))
        rig.send(.time, after: seconds - 0.5)
        #expect(rig.machine.phase == .syncing)
        rig.send(.time, after: 1)
        #expect(rig.machine.phase == .undoing, "who takes too long flies nothing")
        rig.send(.blocksArrived(bytes: 1024))
        #expect(rig.log.last != .forwardBlocks)
        rig.send(.stopped)
        guard case .refused(let sentence)? = rig.outcome else {
            Issue.record("not refused")
            return
        }
        #expect(sentence.contains("did not take over the state within"))
    }

    @Test func nothingIsAPlanToo() throws {
        let plan = try plan([], []).get()
        #expect(plan.items.isEmpty && plan.cutBytes == 0 && plan.shadowSeconds == 2)
    }

    @Test func aRefusedPlanEndsTheUpdate() {
        var rig = HandoverRig.at(.planning)
        rig.send(.offered([]))
        rig.send(.stopped)
        guard case .refused(let sentence)? = rig.outcome else {
            Issue.record("not refused")
            return
        }
        #expect(sentence.contains("'estimator'"))
    }
}
