import Agent

/// What one way of replacing a flight container came to. SI units.
package struct PeerOutcome: Codable, Sendable {
    package enum State: String, Codable, Sendable {
        /// The one that drives now took the state over.
        case kept
        /// It began anew.
        case lost
        /// Nobody new ever drove.
        case none
    }

    package enum End: String, Codable, Sendable {
        /// The pilot landed it.
        case landed
        /// The core's failsafe landed it.
        case failsafe
        case fell
        /// It neither fell nor landed in time.
        case astray
    }

    package var peer: Peer
    package var core: Peer.Core
    /// Ticks in the air from the command on.
    package var ticks = 0
    /// Ticks in a row in which no container's command for the present sample, or the one before, reached the motors.
    package var gapTicks = 0
    /// Such ticks over which the machine stalled, all together: there no program could have run. They are not in
    /// `gapTicks`.
    package var stalledTicks = 0
    /// Whether a container drove again before the flight's end.
    package var cameBack = true
    /// Flights that fell, of `PeerTrial.moments` in virtual time with this gap, at moments all through the script; nil:
    /// it was not tried.
    package var falls: Int?
    /// Ticks in which two containers' commands reached the motors.
    package var ticksWithBoth = 0
    package var state = State.none
    /// rad.
    package var tiltMax = 0.0
    /// Largest distance from where the pilot's climb rate leads within two seconds, m.
    package var altitudeErrorMax = 0.0
    package var end = End.astray
    /// s from the command to its end; 0: there was none.
    package var seconds = 0.0
    /// Why it could not be done; empty: it was.
    package var reason = ""
    /// s, CLOCK_MONOTONIC: when it was asked for.
    package var began = 0.0
    /// Folder of the flight's record.
    package var folder = ""

    package init(_ peer: Peer, _ core: Peer.Core) {
        self.peer = peer
        self.core = core
    }

    /// Whether the drone felt nothing of it.
    package var costsNothing: Bool {
        reason.isEmpty && gapTicks == 0 && ticksWithBoth == 0 && state == .kept && end == .landed
    }

    /// Share of ticks that stalls may excuse, as for every flight.
    private static let excusedLimit = 0.001
    package var isConclusive: Bool { Double(stalledTicks) <= Self.excusedLimit * Double(ticks) }

    /// For the progress.
    var line: String {
        reason.isEmpty || began > 0
            ? row.joined(separator: "; ") + (reason.isEmpty ? "" : "; \(reason)") : "\(peer.title): \(reason)"
    }

    /// A row of the table.
    var row: [String] {
        let who = "\(peer.title)\(peer.cores.count > 1 && core == .ours ? ", our failsafe" : "")"
        let stalled = stalledTicks > 0 ? " (\(stalledTicks) stalled)" : ""
        let gap = "\(gapTicks)\(cameBack ? "" : ", to the ground")\(stalled)"
        let falls = falls.map { "\($0)" } ?? "–"
        let ending =
            switch end {
            case .landed: "flies on"
            case .failsafe: "ends: the core lands it"
            case .fell: "**falls**"
            case .astray: "does not land"
            }
        return [
            who, gap, falls, "\(ticksWithBoth)", state == .none ? "–" : state.rawValue,
            printed("%.0f°", tiltMax * 180 / .pi), printed("%.1f m", altitudeErrorMax), ending,
        ]
    }
}
