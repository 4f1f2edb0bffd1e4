import Handover
import Testing

@Suite struct PolicyTests {
    /// A phase without a limit would be a hang.
    @Test func everyPhaseHasALimit() {
        let policy = HandoverPolicy()
        let limits = [
            policy.pullLimit, policy.verifyLimit, policy.startLimit, policy.planLimit, policy.rehearseLimit,
            policy.syncLimit, policy.shadowLimit, policy.switchLimit, policy.probationSeconds, policy.commitLimit,
            policy.undoLimit,
        ]
        #expect(limits.allSatisfy { $0 > 0 && $0 <= 600 })
        #expect(policy.shadowLimit > policy.shadowSeconds)
    }
}
