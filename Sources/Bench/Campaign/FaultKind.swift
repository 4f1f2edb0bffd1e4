/// What can go wrong in a virtual flight, by its name in reports.
package enum FaultKind: String, CaseIterable, Sendable, Codable {
    // A flight container.
    case crash, hang
    case notANumber = "not a number"
    case outOfRange = "out of range"
    /// Full thrust on one side, within the range.
    case extreme
    case pastEpoch = "past epoch"
    case foreignEpoch = "owner's epoch"
    case flood
    case lateAnswers = "late answers"
    case lostAnswers = "lost answers"
    case wrongSchema = "wrong schema"
    // Agent, queue, engine, the core's control socket.
    case agentDeath = "agent death"
    case queueLoss = "queue loss"
    case queueDelay = "queue delay"
    case callLoss = "core unheard"
    case pullFails = "pull fails"
    case engineHangs = "engine hangs"
    // Bus and chips.
    case imuNack = "IMU nack"
    case motorNack = "motor nack"
    case motorTorn = "motor torn"
    /// In the very tick of the switch.
    case switchNack = "nack at switch"
    case busHang = "bus hang"
    case imuFrozen = "IMU frozen"
    case imuSpike = "IMU spike"
    case imuDead = "IMU dead"
    case barometerFrozen = "baro frozen"
    case barometerSpike = "baro spike"
    case wrongIdentity = "wrong chip id"
    case imuBrownOut = "IMU brown-out"
    case barometerBrownOut = "baro brown-out"
    case batteryBrownOut = "INA brown-out"
    case motorBrownOut = "PWM brown-out"
    case batteryLow = "battery low"
    // Pilot and machine.
    case kill = "kill line"
    case pilotLoss = "pilot loss"
    case stall = "host stall"

    /// Whether it strikes one of the flight containers.
    var isOfContainer: Bool {
        switch self {
        case .crash, .hang, .notANumber, .outOfRange, .extreme, .pastEpoch, .foreignEpoch, .flood, .lateAnswers,
            .lostAnswers:
            true
        default: false
        }
    }
}

/// One fault of one flight.
package struct PlannedFault: Sendable, Equatable {
    /// Of two containers, which: the one that owns when it strikes, or the other one.
    package enum Target: String, Sendable { case owner, other }

    package var kind: FaultKind
    package var target: Target
    /// ns.
    package var begin: UInt64
    package var milliseconds: Int
    /// Of an agent's death: effects that it still has.
    package var effects = 0

    var end: UInt64 { begin &+ UInt64(milliseconds) &* 1_000_000 }
    func isActive(_ now: UInt64) -> Bool { now >= begin && now < end }
}
