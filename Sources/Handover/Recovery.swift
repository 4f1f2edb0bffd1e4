/// What to do about an update that was under way when the agent ended: a pure judgement of what the journal
/// says and of what the core says now. The core is right: it alone knows who owns.
package enum Recovery: Equatable, Sendable {
    /// The new version owns and the old one is warm: watch the whole probation anew.
    case resume
    /// The new version owns for good: stop the old one.
    case finish
    /// The update was being undone, and the new version owns all the same: ask for the way back, then look again.
    case askRollback
    /// The old version owns, or nobody: stop the new one.
    case undo(HandoverOutcome)

    /// `phase` is the last one that the journal knows of the update, `owner` flew when it began, `candidate` was to
    /// fly; `word` is the core's, now.
    package static func judge(phase: HandoverPhase, owner: String, candidate: String, _ word: CoreWord) -> Recovery {
        if word.owner == candidate {
            guard word.inProbation else { return .finish }
            return phase == .undoing ? .askRollback : .resume
        }
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
