internal import Airframe
import Contract
import Handover
import Simulator

/// The agent without its I/O: the shipped machine, with messages that take their time, drawn from the seed.
struct VirtualAgent {
    private(set) var machine: HandoverMachine
    private(set) var outcome: HandoverOutcome?
    private(set) var phases: [(phase: HandoverPhase, at: UInt64)] = []

    /// ns: a hop of the queue, and the engine's work.
    private static let hop: ClosedRange<Double> = 1e6...15e6
    private static let pull = 0.3e9
    private static let start = 0.4e9
    /// Events and rounds of one call, at most.
    private static let roundLimit = 64

    private var events: [(at: UInt64, event: HandoverEvent)] = []
    private var cuts: [(at: UInt64, cut: StateCut)] = []
    private var isAsked = false
    private var random: RandomSource

    /// Whether the flight itself rehearses; if not, every rehearsal passes in no time.
    private let rehearses: Bool

    init(_ policy: HandoverPolicy, seed: UInt64, rehearses: Bool) {
        self.rehearses = rehearses
        machine = HandoverMachine(policy: policy)
        random = RandomSource(seed: seed, stream: 77)
    }

    mutating func post(_ event: HandoverEvent, at now: UInt64) {
        let delay: Double =
            switch event {
            case .started: Self.start
            case .offered, .needed, .applied, .candidateReady, .stopped:
                random.uniform(Self.hop.lowerBound, Self.hop.upperBound)
            default: 0
            }
        events.append((now + UInt64(delay), event))
    }

    /// Whether the owner is due to send a cut: this is called every five ticks, a cut goes every ten.
    mutating func isStreaming(_ now: UInt64) -> Bool {
        guard isAsked else { return false }
        isDue.toggle()
        return isDue
    }
    private var isDue = false

    mutating func cutSent(_ cut: StateCut, at now: UInt64) {
        let arrival = now + UInt64(random.uniform(Self.hop.lowerBound, Self.hop.upperBound))
        events.append((arrival, .cutArrived(tick: cut.tick, bytes: cut.stateBytes)))
        if waiting.count < Int(machine.policy.cutWindow) { waiting.append(cut) }
    }
    private var waiting: [StateCut] = []

    /// A forwarded cut that has reached the candidate.
    mutating func cutDue(_ now: UInt64) -> StateCut? {
        guard let first = cuts.first, first.at <= now else { return nil }
        return cuts.removeFirst().cut
    }

    mutating func keep(_ cut: StateCut) { cuts.insert((0, cut), at: 0) }

    mutating func cutApplied(_ tick: UInt64, ready: Bool, at now: UInt64) {
        post(.applied(tick: tick), at: now)
        if ready { post(.candidateReady(tick: tick), at: now) }
    }

    /// Lets the machine take all events that are due; returns the actions that concern core and containers.
    mutating func run(at now: UInt64) -> [HandoverAction] {
        var orders: [HandoverAction] = []
        for _ in 0..<Self.roundLimit {
            guard let index = events.firstIndex(where: { $0.at <= now }) else { break }
            let event = events.remove(at: index).event
            for action in machine.handle(event, now: now) {
                note(action, now)
                orders.append(action)
            }
        }
        return orders
    }

    private mutating func note(_ action: HandoverAction, _ now: UInt64) {
        switch action {
        case .pull: events.append((now + UInt64(Self.pull), .pulled))
        case .verify: events.append((now, .verified))
        case .stream(let interval, _): isAsked = interval > 0
        case .forwardCut(let tick):
            guard let index = waiting.firstIndex(where: { $0.tick == tick }) else { return }
            let cut = waiting.remove(at: index)
            waiting.removeAll { $0.tick < tick }
            cuts.append((now + UInt64(random.uniform(Self.hop.lowerBound, Self.hop.upperBound)), cut))
        case .entered(let phase): phases.append((phase, now))
        case .finished(let how): outcome = how
        case .rehearse: if !rehearses { events.append((now, .rehearsed)) }
        case .start, .requestSwitch, .cancelSwitch, .commit, .rollback, .stopOld, .stopCandidate, .planned,
            .want, .forwardBlocks, .forwardTaken:
            break
        }
    }
}
