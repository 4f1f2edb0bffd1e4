/// How a flight may end at the worst, declared beforehand for each fault and duration; in this order.
package enum FaultClass: Int, Comparable, Sendable, CaseIterable {
    /// It flies its script to the end.
    case fliesOn
    /// It may come down level and controlled, before its time, and disarm.
    case lands
    /// The motors stop within `FaultClass.cutMilliseconds`.
    case motorsCut
    /// No software helps: it is listed, and never counted as survived.
    case noRemedy

    package static func < (a: FaultClass, b: FaultClass) -> Bool { a.rawValue < b.rawValue }

    /// The kill line is read at 100 Hz; then a write.
    package static let cutMilliseconds = 20

    /// Of one fault.
    ///
    /// - Parameters:
    ///   - fault: what, whom, how long.
    ///   - isAlone: the owner has no warm standby when it strikes.
    /// - Returns: the worst end that the fault excuses.
    package static func of(_ fault: PlannedFault, isAlone: Bool) -> FaultClass {
        let ms = fault.milliseconds
        switch fault.kind {
        case .crash: return fault.target == .owner && isAlone ? .lands : .fliesOn
        case .hang, .notANumber, .outOfRange, .lostAnswers:
            // A silent owner is held out for 5 ticks, then the failsafe flies to the ground.
            return fault.target == .owner && isAlone && ms > 8 ? .lands : .fliesOn
        case .pastEpoch, .foreignEpoch:
            // Only the owner's own epoch is its own; another is refused as if it had not answered.
            return fault.target == .owner && fault.kind == .pastEpoch && isAlone && ms > 8 ? .lands : .fliesOn
        case .extreme:
            // In shadow it is refused. An owner's drives: the envelope ends it, or the failsafe.
            guard fault.target == .owner else { return .fliesOn }
            return ms <= 10 ? .fliesOn : (ms <= 60 ? .lands : .noRemedy)
        case .flood, .lateAnswers, .wrongSchema: return .fliesOn
        case .agentDeath, .queueLoss, .queueDelay, .callLoss, .pullFails, .engineHangs: return .fliesOn
        case .imuNack, .motorNack, .motorTorn, .switchNack, .imuSpike: return .fliesOn
        case .busHang: return ms <= 20 ? .fliesOn : .noRemedy
        case .imuFrozen: return ms <= 10 ? .fliesOn : .noRemedy
        case .imuDead: return .noRemedy
        case .imuBrownOut: return .fliesOn
        case .barometerFrozen, .barometerSpike, .barometerBrownOut, .batteryBrownOut, .motorBrownOut: return .fliesOn
        case .wrongIdentity: return .lands
        case .batteryLow: return .lands
        case .kill: return .motorsCut
        case .pilotLoss: return ms < 450 ? .fliesOn : .lands
        case .stall: return ms <= 40 ? .fliesOn : .noRemedy
        }
    }
}
