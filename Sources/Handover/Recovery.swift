package import Contract

/// What to do about an update that was under way when the agent ended: a pure judgement of what the journal
/// says and of what the core says now. The core is right: it alone knows who owns.
package enum Recovery: Equatable, Sendable {
    /// The new version owns and the old one is warm: watch the whole probation anew.
    case resume
    /// The new version owns for good: stop the old one.
    case finish
    /// The old version owns, or nobody: stop the new one.
    case undo(HandoverOutcome)

    /// - Parameters:
    ///   - phase: the last one that the journal knows of the update.
    ///   - owner: who flew when it began.
    ///   - candidate: who was to fly.
    ///   - word: the core's, now.
    package static func judge(phase: HandoverPhase, owner: String, candidate: String, _ word: CoreWord) -> Recovery {
        if word.owner == candidate { return word.inProbation ? .resume : .finish }
        let hadSwitched = phase == .probation || phase == .committing
        if word.owner == owner {
            return hadSwitched
                ? .undo(.rolledBack("The core gave control back to the old version while the agent was away."))
                : .undo(.refused("The agent was restarted in phase \(phase.rawValue); the old version flies on."))
        }
        return hadSwitched
            ? .undo(.rollbackFailed("Neither version owned the motors when the agent came back."))
            : .undo(
                .refused(
                    "The agent was restarted in phase \(phase.rawValue) and no flight container owns the motors."))
    }
}

/// What to do about a container that a former agent has written down and that belongs to no update any more.
package enum Leftover: Equatable, Sendable {
    /// It flies, or is warm.
    case keep
    /// It neither flies nor is warm.
    case stop
    /// It flew, and runs still, but the core was restarted and does not serve it.
    case attach

    /// - Parameters:
    ///   - role: what the journal says that it does; nil: nothing that it could be.
    ///   - served: what the core says that it does; nil: the core does not serve it.
    ///   - isRunning: whether the engine has it running.
    package static func judge(role: FlightRole?, served: InstanceRole?, isRunning: Bool) -> Leftover {
        if let served { return served == .owner || served == .standby ? .keep : .stop }
        return role == .owner && isRunning ? .attach : .stop
    }
}
