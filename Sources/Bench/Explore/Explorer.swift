/// Something whose states can be walked, one move at a time.
package protocol Explorable {
    associatedtype Move: CustomStringConvertible

    /// Equal for two states that go on alike, as far as the model tells them apart.
    var key: UInt64 { get }
    /// Nothing is under way any more.
    var isSettled: Bool { get }
    /// Every move that is possible now. The first is what happens when nothing more goes wrong; none: the end.
    var moves: [Move] { get }
    /// Makes one move; nil, or which invariant it broke.
    mutating func make(_ move: Move) -> String?
}

/// What a walk has found.
package struct Exploration: Sendable {
    package struct Breach: Sendable {
        /// Which invariant.
        package var what: String
        /// The moves that lead there from the start; none leads there in fewer.
        package var trace: [String]
    }

    /// Distinct states reached, and moves made from them.
    package var states = 0
    package var moves = 0
    /// Moves from the start to the farthest state.
    package var depth = 0
    /// No state was left out: what is reachable was reached.
    package var isWhole = false
    /// States from which, when nothing more goes wrong, all comes to rest; of the rest of the states the walk does
    /// not know, for it ends before.
    package var settling = 0
    package var breach: Breach?
}

/// Walks all reachable states, breadth first, so that the first breach has the shortest trace.
package struct Explorer<System: Explorable> {
    /// Moves from the start, and states in all, at which it gives up.
    package var depthMax: Int
    package var statesMax: Int

    package init(depthMax: Int = 1000, statesMax: Int = 50_000_000) {
        self.depthMax = depthMax
        self.statesMax = statesMax
    }

    /// Of each state: the one it was first reached from, by which move, and its first successor.
    private struct Visit {
        var parent: UInt32
        var move: System.Move?
        var next = Self.unknown

        static var unknown: UInt32 { .max }
    }

    /// Walks from `start`; `progress` hears of each level that is done: its depth, and the states so far.
    package func explore(_ start: System, progress: (Int, Int) -> Void = { _, _ in }) -> Exploration {
        var found = Exploration()
        var numbers: [UInt64: UInt32] = [start.key: 0]
        var visits = [Visit(parent: 0, move: nil)]
        var level: [(number: UInt32, system: System)] = [(0, start)]
        while !level.isEmpty, found.depth < depthMax, visits.count < statesMax {
            var below: [(number: UInt32, system: System)] = []
            below.reserveCapacity(level.count)
            for (number, system) in level {
                for (place, move) in system.moves.enumerated() {
                    var next = system
                    found.moves += 1
                    if let what = next.make(move) {
                        found.states = visits.count
                        found.breach = Exploration.Breach(
                            what: what, trace: trace(to: number, visits) + [move.description])
                        return found
                    }
                    let key = next.key
                    let known = numbers[key]
                    let successor = known ?? UInt32(visits.count)
                    if place == 0 { visits[Int(number)].next = successor }
                    guard known == nil else { continue }
                    numbers[key] = successor
                    visits.append(Visit(parent: number, move: move))
                    below.append((successor, next))
                }
                if system.isSettled { visits[Int(number)].next = number }
            }
            level = below
            if !level.isEmpty { found.depth += 1 }
            progress(found.depth, visits.count)
        }
        found.states = visits.count
        found.isWhole = level.isEmpty
        settle(start, visits, &found)
        return found
    }

    /// Follows each state's first move on: it must lead to rest and never round in a circle.
    private func settle(_ start: System, _ visits: [Visit], _ found: inout Exploration) {
        var fates = [Fate](repeating: .unseen, count: visits.count)
        for first in visits.indices where fates[first] == .unseen {
            var path: [Int] = []
            var at = first
            // Bound: each state is put on a path once.
            while fates[at] == .unseen, visits[at].next != Visit.unknown, Int(visits[at].next) != at {
                fates[at] = .underWay
                path.append(at)
                at = Int(visits[at].next)
            }
            if fates[at] == .underWay {
                found.breach = Exploration.Breach(
                    what: "it comes to rest when nothing more goes wrong",
                    trace: trace(to: UInt32(at), visits) + circle(start, moves(to: UInt32(at), visits)))
                return
            }
            if fates[at] == .unseen { fates[at] = visits[at].next == Visit.unknown ? .beyond : .settles }
            for step in path { fates[step] = fates[at] }
        }
        found.settling = fates.count { $0 == .settles }
    }

    /// What goes round for ever behind `moves`.
    private func circle(_ start: System, _ moves: [System.Move]) -> [String] {
        var system = start
        for move in moves { _ = system.make(move) }
        let key = system.key
        var round: [String] = []
        repeat {
            guard let move = system.moves.first else { break }
            round.append("and round: \(move)")
            _ = system.make(move)
        } while system.key != key && round.count < 100
        return round
    }

    private func moves(to number: UInt32, _ visits: [Visit]) -> [System.Move] {
        var moves: [System.Move] = []
        var at = visits[Int(number)]
        while let move = at.move {
            moves.append(move)
            at = visits[Int(at.parent)]
        }
        return moves.reversed()
    }

    private func trace(to number: UInt32, _ visits: [Visit]) -> [String] {
        moves(to: number, visits).map(\.description)
    }
}

/// Where a state's first moves lead.
private enum Fate: UInt8 { case unseen, underWay, settles, beyond }

extension Exploration {
    /// For people.
    package func summary(faults: Int) -> String {
        let bound = isWhole ? "all that is reachable" : "the walk ended there, not everywhere"
        var lines = [
            "at most \(faults) faults: \(states) states, \(moves) moves, \(depth) deep: \(bound); from \(settling) it surely comes to rest"
        ]
        if let breach {
            lines.append("broken: \(breach.what), after \(breach.trace.count) moves:")
            lines += breach.trace.enumerated().map { "  \($0.offset + 1). \($0.element)" }
        }
        return lines.joined(separator: "\n")
    }
}
