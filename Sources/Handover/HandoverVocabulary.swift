package import Contract

/// The phases of an update, in order. From each up to `probation` there is a way back that leaves the old version flying:
/// up to `switching` every failure, every end of the candidate and a call-off lead to undoing, too.
package enum HandoverPhase: String, Sendable, Codable, CaseIterable {
    /// No update. Exit: a request → pulling.
    case idle
    /// The image is fetched. Exits: pulled → verifying; failure, time-out → undoing.
    case pulling
    /// Digest, architecture and labels are checked. Exits: verified → starting; failure, time-out → undoing.
    case verifying
    /// The candidate's container starts. Exits: started and its needs known → planning; time-out → undoing.
    case starting
    /// Offer and need become a plan. Exits: planned → rehearsing; refusal, dry run, time-out → undoing.
    case planning
    /// Another container of the candidate's image flies the vehicle model. Exits: passed → syncing; failed, time-out →
    /// undoing.
    case rehearsing
    /// Cuts flow. Exits: first cut applied → shadowing; time-out → undoing.
    case syncing
    /// The candidate answers samples, compared. Exits: in step and settled for the whole window → ready;
    /// divergence, time-out → undoing.
    case shadowing
    /// Waits for a state of flight in which a switch may begin. Exits: → switching; time-out → undoing.
    case ready
    /// The core has the switch pending. Exits: the core made it → probation; expired, time-out → undoing.
    case switching
    /// The old owner is warm. Exits, all by the core's word: time over and the candidate owns → committing; the old one owns
    /// again → undoing; neither owns, or the core is silent → idle, rollback failed.
    case probation
    /// The old container stops. Exit: stopped, failure, time-out → idle, updated.
    case committing
    /// The candidate's container stops, the old one flies. Exit: stopped, failure, time-out → idle.
    case undoing
}

/// How an update ended.
package enum HandoverOutcome: Equatable, Sendable {
    case updated
    /// A dry run: the plan, nothing changed.
    case planned(HandoverPlan)
    /// Before the switch: the old version flies, untouched.
    case refused(String)
    /// After the switch: the old version flies again.
    case rolledBack(String)
    /// After the switch the old version could not take over; the failsafe or the new one flies.
    case rollbackFailed(String)
}

/// What the machine must know of the core, taken from its status.
package struct CoreView: Equatable, Sendable {
    package var tick: UInt64
    package var owner: String
    package var mode: FlightMode
    package var inProbation: Bool
    package var switchPending: Bool
    package var cause: SwitchCause
    package var switchTick: UInt64
    /// rad, rad/s.
    package var tilt: Float
    package var rate: Float
    /// m above the place of arming; nil: not known.
    package var height: Float?
    /// What speaks against arming, or, in flight, is trouble there too.
    package var trouble: ArmingReasons
    package var candidate: CandidateView?

    package init(
        tick: UInt64, owner: String, mode: FlightMode, inProbation: Bool, switchPending: Bool, cause: SwitchCause,
        switchTick: UInt64, tilt: Float, rate: Float, height: Float? = nil, trouble: ArmingReasons = [],
        candidate: CandidateView?
    ) {
        self.tick = tick
        self.owner = owner
        self.mode = mode
        self.inProbation = inProbation
        self.switchPending = switchPending
        self.cause = cause
        self.switchTick = switchTick
        self.tilt = tilt
        self.rate = rate
        self.height = height
        self.trouble = trouble
        self.candidate = candidate
    }
}

/// What the core sees of the candidate's answers.
package struct CandidateView: Equatable, Sendable {
    package var answeredTick: UInt64
    /// First tick answered from a state cut; 0: not in step.
    package var inStepSince: UInt64
    package var isSettled: Bool
    /// Answers after their tick, since it was attached.
    package var late: UInt64
    /// Distance to the owner's command: RMS of the motors (0 to 1), and of the angular acceleration (rad/s²).
    package var divergence: Float
    package var angularDivergence: Float
    package var gains: AxisGains

    package init(
        answeredTick: UInt64, inStepSince: UInt64, isSettled: Bool, late: UInt64, divergence: Float,
        angularDivergence: Float, gains: AxisGains = AxisGains()
    ) {
        self.answeredTick = answeredTick
        self.inStepSince = inStepSince
        self.isSettled = isSettled
        self.late = late
        self.divergence = divergence
        self.angularDivergence = angularDivergence
        self.gains = gains
    }
}

/// How strongly the candidate answers what makes the owner answer: 1 alike, negative the wrong way. Nil: the owner did
/// not move this axis enough to tell.
package struct AxisGains: Equatable, Sendable {
    package var roll: Float?
    package var pitch: Float?
    package var yaw: Float?
    package var thrust: Float?

    package init() {}

    /// From the core's status: a value and a bit for each axis.
    package init(_ gain: (Float, Float, Float, Float), known: UInt8) {
        func axis(_ value: Float, _ bit: UInt8) -> Float? { known & bit != 0 ? value : nil }
        (roll, pitch) = (axis(gain.0, 1), axis(gain.1, 2))
        (yaw, thrust) = (axis(gain.2, 4), axis(gain.3, 8))
    }

    /// Those that can be told, by name.
    package var known: [(axis: String, gain: Float)] {
        [("roll", roll), ("pitch", pitch), ("yaw", yaw), ("thrust", thrust)].compactMap { axis, gain in
            gain.map { (axis, $0) }
        }
    }
}

/// One update: from whom, to whom.
package struct HandoverRequest: Equatable, Sendable {
    /// Instance that owns now.
    package var owner: String
    /// Name that the candidate's instance gets.
    package var candidate: String
    package var isDryRun: Bool
    /// Whatever the gate says; only take-off, landing and failsafe are waited for all the same.
    package var isForced: Bool

    package init(owner: String, candidate: String, isDryRun: Bool, isForced: Bool = false) {
        self.owner = owner
        self.candidate = candidate
        self.isDryRun = isDryRun
        self.isForced = isForced
    }
}

/// What the machine takes in.
package enum HandoverEvent: Equatable, Sendable {
    case requested(HandoverRequest)
    case pulled
    case verified
    /// The container runs and its instance is attached.
    case started
    /// From the owner's queue.
    case offered([ChannelOffer])
    /// From the candidate's queue.
    case needed([ChannelNeed])
    /// The candidate's image has flown the vehicle model, and passed.
    case rehearsed
    /// From the owner's queue: a cut of `tick` arrived whole.
    case cutArrived(tick: UInt64, bytes: Int)
    /// From the owner's queue: a share of its channels in blocks.
    case blocksArrived(bytes: Int)
    /// From the candidate's queue: how many of those it has taken in; 0: it needs them anew.
    case blocksTaken(piece: UInt64)
    /// From the candidate's queue.
    case applied(tick: UInt64)
    case candidateReady(tick: UInt64)
    case core(CoreView)
    /// A container ended by itself.
    case exited(instance: String, String)
    /// A step could not be done.
    case failed(String)
    case rollbackRequested
    /// The action `stopOld` or `stopCandidate` is done.
    case stopped
    /// Nothing but time.
    case time
}

/// What its shell has to do, in this order.
package enum HandoverAction: Equatable, Sendable {
    case pull
    case verify
    case start
    /// Let another container of the candidate's image fly the vehicle model.
    case rehearse
    /// Ask the owner for cuts every `interval` ticks; 0: no more.
    case stream(interval: UInt32, window: UInt32)
    /// Tell the owner which channels in blocks are wanted; ahead of `stream`.
    case want([ChannelNeed])
    /// Give the share to the candidate, its word of it to the owner.
    case forwardBlocks
    case forwardTaken(piece: UInt64)
    /// Give the cut to the candidate and tell the owner that it is safe.
    case forwardCut(tick: UInt64)
    case requestSwitch(ticks: UInt32)
    case cancelSwitch
    case commit
    case rollback
    case stopOld
    case stopCandidate
    case planned(HandoverPlan)
    case entered(HandoverPhase)
    case finished(HandoverOutcome)
}
