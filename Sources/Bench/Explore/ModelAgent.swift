import Handover

/// The agent's process: the shipped machine, and where its shell is at work.
struct ModelAgent {
    /// What takes its time; one step at a time, so that the agent can die before each.
    enum Work: UInt8 {
        case none, pull, verify, rehearse
        /// Starting the candidate: written down, attached, started, reported.
        case saveCandidate, attachCandidate, startCandidate, reportCandidate
        case stopOld, stopCandidate
        /// Stopping the container `target`: the core asked, the engine told, detached, forgotten.
        case ask, stop, detach, forget
        case recover, tidyOld, tidyNew
    }

    /// What follows when `target` is stopped, or was not.
    enum Then: UInt8 { case stopped, failedStart, nothing, finishRecovery, undoRecovery, tidyNext }

    /// What befalls the next call to the core.
    enum CallFault: UInt8 {
        case none
        /// It is not heard.
        case unheard
        /// It is carried out, and the reply lost.
        case unanswered
    }

    /// Steps that never come.
    static let endless: UInt8 = .max
    /// Looks at the core at the end of an update.
    static let looksMax: UInt8 = 3

    var isAlive = true
    var machine: HandoverMachine?
    var work = Work.none
    var target = 0
    var then = Then.nothing
    var looks = ModelAgent.looksMax
    /// `stopCandidate` waits for a start that is being cancelled.
    var stopIsQueued = false
    /// It waits for time to pass, and it has looked at the core since the last tick.
    var isWaiting = false
    var hasLooked = false
    var overruled: HandoverOutcome?
    var recoveryOutcome: HandoverOutcome?
    var callFault = CallFault.none
    /// Effects until it dies.
    var fuse = ModelAgent.endless
    /// Ticks for which engine or registry do not answer yet.
    var stall: UInt8 = 0
}

/// What the agent's journal holds, which outlives it.
struct ModelJournal {
    /// Of the update; nil: there is none.
    var phase: HandoverPhase?
    /// How it ended; nil: it has not.
    var outcome: HandoverOutcome?
    /// Roles of the two instances; nil: not written down.
    var old: FlightRole? = .owner
    var new: FlightRole?

    subscript(slot: Int) -> FlightRole? {
        get { slot == 0 ? old : new }
        set { if slot == 0 { old = newValue } else { new = newValue } }
    }
}
