/// What to do about a container that the agent has written down and that belongs to no update any more.
package enum Leftover: Equatable, Sendable {
    /// It flies, or would.
    case keep
    /// It flies, or would, and the journal does not say so yet.
    case adopt
    /// It would fly, and runs, but the core was restarted and does not serve it.
    case attach
    /// It is of no use to anybody.
    case stop

    /// A container as journal, core and engine know it.
    package struct Instance: Equatable, Sendable {
        package var name: String
        /// What the journal says that it does; nil: nothing that it could be.
        package var role: FlightRole?
        /// Whether the core serves it.
        package var isServed: Bool
        /// Whether the engine has it running; nil: the engine does not say.
        package var isRunning: Bool?

        package init(name: String, role: FlightRole?, isServed: Bool, isRunning: Bool?) {
            self.name = name
            self.role = role
            self.isServed = isServed
            self.isRunning = isRunning
        }
    }

    /// Whether a probation runs that no agent watches: it must be given back before anything is judged, or it lasts
    /// for ever.
    package static func mustGoBack(_ word: CoreWord) -> Bool { word.inProbation }

    /// What to do about `one` of `all`; `word` is the core's, now, without a probation.
    package static func judge(_ one: Instance, of all: [Instance], _ word: CoreWord) -> Leftover {
        if let owner = word.owner {
            guard owner == one.name else { return .stop }
            return one.role == .owner ? .keep : .adopt
        }
        // Nobody owns: what flew last is kept, for it may fly again.
        guard one.name == last(of: all)?.name else { return .stop }
        if !one.isServed { return .attach }
        return one.role == .owner ? .keep : .adopt
    }

    /// What flew last, of those that may still run: the owner, else its standby; of equals the one that the core serves,
    /// else the later one. What is done about it never makes it less.
    private static func last(of all: [Instance]) -> Instance? {
        func rank(_ one: Instance) -> Int { (one.role == .owner ? 2 : 0) + (one.isServed ? 1 : 0) }
        let flown = all.filter { $0.isRunning != false && ($0.role == .owner || $0.role == .standby) }
        return flown.reduce(nil) { best, one in
            if let best, rank(best) > rank(one) { return best }
            return one
        }
    }

    /// Whether all is in order: one container at most, and it is the owner.
    package static func isNothing(roles: [FlightRole?]) -> Bool { roles.isEmpty || roles == [.owner] }
}
