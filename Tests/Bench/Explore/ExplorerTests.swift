import Bench
import Testing

/// The walk itself, on a system that a person can see through: a counter from 0, plus 1 or plus 2.
@Suite struct ExplorerTests {
    private struct Counter: Explorable {
        struct Move: CustomStringConvertible {
            var step: Int
            var description: String { "+\(step)" }
        }

        var value = 0
        var limit = 10
        var forbidden = -1
        /// Where it goes back to 0; -1: nowhere.
        var loop = -1

        var key: UInt64 { UInt64(value) }
        var isSettled: Bool { value >= limit }
        var moves: [Move] { isSettled ? [] : [Move(step: 1), Move(step: 2)] }
        mutating func make(_ move: Move) -> String? {
            value = value == loop ? 0 : min(value + move.step, limit)
            return value == forbidden ? "forbidden" : nil
        }
    }

    @Test func everyStateIsReachedOnce() {
        let found = Explorer<Counter>().explore(Counter())
        #expect(found.states == 11 && found.isWhole && found.breach == nil && found.settling == 11)
        #expect(found.depth == 5)
    }

    @Test func theTraceIsTheShortest() throws {
        let breach = try #require(Explorer<Counter>().explore(Counter(forbidden: 7)).breach)
        #expect(breach.what == "forbidden")
        #expect(breach.trace.count == 4)
    }

    @Test func aBoundEndsTheWalkAndIsTold() {
        let found = Explorer<Counter>(depthMax: 2).explore(Counter())
        #expect(found.states == 5 && !found.isWhole && found.breach == nil && found.settling == 0)
        #expect(!Explorer<Counter>(statesMax: 4).explore(Counter()).isWhole)
    }

    /// By its first moves it never gets beyond 3.
    @Test func goingRoundIsFound() throws {
        let breach = try #require(Explorer<Counter>().explore(Counter(loop: 3)).breach)
        #expect(breach.what.contains("rest"))
        #expect(breach.trace.contains { $0.hasPrefix("and round") })
    }
}
