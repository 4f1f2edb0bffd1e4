internal import Airframe

/// One thing that is done to one process in one phase of an update.
package struct TortureCell: Equatable, Hashable, Sendable, CustomStringConvertible {
    package enum Party: String, CaseIterable, Sendable {
        case agent
        case core
        /// The version that flies when the update begins, and the one that is to.
        case old = "old version"
        case new = "new version"
        case engine
        case registry
    }

    package enum Blow: String, CaseIterable, Sendable {
        case kill
        /// Stopped, and let go on three seconds later.
        case stop
    }

    /// Phases as the agent tells them.
    package enum Phase: String, CaseIterable, Sendable {
        case pulling
        case starting
        case rehearsing
        case shadowing
        case probation
    }

    package var party: Party
    package var blow: Blow
    package var phase: Phase

    package init(_ party: Party, _ blow: Blow, _ phase: Phase) {
        self.party = party
        self.blow = blow
        self.phase = phase
    }

    package var description: String { "\(party.rawValue), \(blow.rawValue), \(phase.rawValue)" }

    /// Behind it nobody may be left to fly but the core's own failsafe, until the agent has started a container again: the
    /// flight may end by a landing.
    package var mayLand: Bool { party == .old && phase != .probation }

    /// All that is done. The engine runs with live restore and is started again at once, as the registry is.
    package static let all: [TortureCell] = Party.allCases.flatMap { party in
        Blow.allCases.flatMap { blow in
            Phase.allCases.compactMap { phase in
                // It is not there yet.
                if party == .new, phase == .pulling || phase == .starting { return nil }
                return TortureCell(party, blow, phase)
            }
        }
    }

    /// So many of them, drawn by `seed`, in the order of `all`.
    package static func some(_ count: Int, seed: UInt64) -> [TortureCell] {
        var random = RandomSource(seed: seed)
        var drawn: Set<Int> = []
        while drawn.count < min(count, all.count) { drawn.insert(Int(random.next() % UInt64(all.count))) }
        return drawn.sorted().map { all[$0] }
    }
}
