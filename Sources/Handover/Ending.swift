/// What the agent may do now to end an update: a pure judgement of what the core says at this moment (supports
/// invariant 10). Between the machine's last look and now the core may have switched or taken the way back, and what
/// was asked of it may not have been heard.
package enum Ending: Equatable, Sendable {
    /// Nothing can put it on the motors any more: the container may end.
    case stop
    /// It owns all the same, and stays; the other one is to be ended.
    case keep
    /// The old version is warm still, so a way back may come: ask the core for the commit, then look again.
    case askCommit
    /// The candidate may still be switched to: ask the core to forget it, then look again.
    case askCancel
    /// The candidate owns and must not: ask the core for the way back, then look again.
    case askRollback
    /// The core is silent: look again.
    case wait

    /// Of the old version, behind the probation.
    package static func old(_ name: String, _ word: CoreWord?) -> Ending {
        guard let word else { return .wait }
        guard word.owner != name else { return .keep }
        return word.inProbation ? .askCommit : .stop
    }

    /// Of the candidate, when the update is undone.
    package static func candidate(_ name: String, _ word: CoreWord?) -> Ending {
        guard let word else { return .wait }
        guard word.owner != name else { return .askRollback }
        return word.switchPending ? .askCancel : .stop
    }

    /// The last question before the engine is told: without the core's word it may fly.
    package static func mayStop(_ name: String, _ word: CoreWord?) -> Bool {
        guard let word else { return false }
        return word.owner != name
    }
}
