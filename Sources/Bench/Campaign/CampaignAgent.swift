import Airframe
import Contract
import Handover
import Simulator

/// The agent of a campaign's flight: the shipped machine and judgements, a journal, and a shell that can die.
struct CampaignAgent {
    static let names = ["old", "new"]
    static let endless = Int.max
    /// ns: a hop of the queue; the engine's and the registry's work; between two looks at the end of an update.
    static let hop: ClosedRange<Double> = 1e6...15e6
    static let pullTime: UInt64 = 300_000_000
    static let engineTime: UInt64 = 200_000_000
    static let pause: UInt64 = 50_000_000
    /// Looks at the end of an update: 2 s.
    static let looksMax = 40

    /// Something that the agent does later; it dies with it.
    enum Work {
        case hear(HandoverEvent)
        case takeCut(StateCut)
        case pulled, verified, started, rehearsed
        case stopOld(looks: Int)
        case stopCandidate(looks: Int)
        case stopped(Int, Then)
        case recover, clearUp
    }

    enum Then {
        case end, failedStart, nothing
        case finishRecovery
        case undoRecovery(HandoverOutcome)
    }

    var isAlive = true
    var machine: HandoverMachine?
    var works: [(at: UInt64, work: Work)] = []
    var overruled: HandoverOutcome?
    /// The owner's cut until it is forwarded.
    var cut: StateCut?
    /// Effects outside of itself until it dies.
    var fuse = CampaignAgent.endless
    var restartAt: UInt64 = 0
    var isClearingUp = false
    var isStarting = false
    var stopIsQueued = false

    // Outlives the process.
    var phase: HandoverPhase?
    var outcome: HandoverOutcome?
    var roles: [FlightRole?] = [.owner, nil]
    // Of the queue and the owner's side of it.
    var isStreaming = false
    var cutsOnTheWay: [(at: UInt64, cut: StateCut)] = []
    var random = RandomSource(seed: 0)

    var isAtRest: Bool { isAlive && machine == nil && works.isEmpty && (phase == nil || outcome != nil && isInOrder) }
    var isInOrder: Bool { Leftover.isNothing(roles: roles.filter { $0 != nil }) }
}
