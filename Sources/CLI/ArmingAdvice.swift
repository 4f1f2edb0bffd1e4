package import Contract

/// What to do about reasons not to arm, one sentence; empty when there are none.
package func armingAdvice(_ reasons: ArmingReasons) -> String {
    let steps = advice.filter { !reasons.isDisjoint(with: $0.0) }.map(\.1)
    return steps.isEmpty ? "" : "Do: \(steps.joined(separator: "; "))."
}

private let chips: ArmingReasons = [.imu, .barometer, .batteryChip, .motorChip]

/// In the order in which the reasons are told.
private let advice: [(ArmingReasons, String)] = [
    (.noOwner, "start a version with 'droneagent start REF'"),
    (.ownerSilent, "look at the container's log, and at 'late' in 'droneagent status'"),
    (.armSwitch, "switch the arm switch on"),
    (.kill, "release the kill line"),
    (chips, "check the chips' wiring, addresses and power; without a core 'droneagent doctor' looks at each"),
    (.batteryLow, "charge the battery"),
    (.notStill, "leave the vehicle alone for a second"),
    (.busBudget, "correct bus.speed_hz or tick.rate_hz of the board file"),
    (.tilted, "stand the vehicle level"),
    (.noPilot, "switch the transmitter on, or run 'droneagent pilot' in another terminal"),
    (.epochs, "let the core write its state folder"),
]
