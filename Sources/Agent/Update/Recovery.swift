/// What to do about an update that was under way when the agent ended: a pure judgement of what the journal
/// says and of what the core says now. The core is right: it alone knows who owns.
package enum Recovery: Equatable, Sendable {
    /// The new version owns and the old one is warm: watch the whole probation anew.
    case resume
    /// The new version owns for good: stop the old one.
    case finish
    /// The old version owns, or nobody: stop the new one.
    case undo(Outcome, String)

    package static func judge(_ update: UpdateRecord, owner: String?, inProbation: Bool) -> Recovery {
        if owner == update.candidate { return inProbation ? .resume : .finish }
        let hadSwitched = update.phase == "probation" || update.phase == "committing"
        if owner == update.owner {
            return hadSwitched
                ? .undo(.rolledBack, "The core gave control back to the old version while the agent was away.")
                : .undo(.refused, "The agent was restarted in phase \(update.phase); the old version flies on.")
        }
        return hadSwitched
            ? .undo(.rollbackFailed, "Neither version owned the motors when the agent came back.")
            : .undo(
                .refused, "The agent was restarted in phase \(update.phase) and no flight container owns the motors.")
    }
}
