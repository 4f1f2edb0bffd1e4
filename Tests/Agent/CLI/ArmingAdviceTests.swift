import CLI
import Contract
import Testing

@Suite("What to do about reasons not to arm")
struct ArmingAdviceTests {
    @Test("Each reason has something to do", arguments: 0..<14) func each(_ bit: Int) {
        let reason = ArmingReasons(rawValue: 1 << bit)
        #expect(reason.reasons.count == 1)
        let advice = armingAdvice(reason)
        #expect(advice.hasPrefix("Do: ") && advice.hasSuffix(".") && !advice.contains("\n"))
    }

    @Test("One for all chips, and none without a reason") func together() {
        #expect(armingAdvice([.imu, .motorChip]) == armingAdvice(.barometer))
        #expect(armingAdvice([]) == "")
        #expect(armingAdvice([.kill, .batteryLow]) == "Do: release the kill line; charge the battery.")
    }
}
