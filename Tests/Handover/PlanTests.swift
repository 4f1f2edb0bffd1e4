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
        #expect(plan.syncSeconds > 0.05 && plan.syncSeconds < 0.1)
        #expect(plan.bytesPerSecond == 64 * 50)
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
