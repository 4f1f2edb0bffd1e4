import Bench
import Testing

@Suite struct PeersTableTests {
    private var ours: PeerOutcome {
        var outcome = PeerOutcome(.update, .ours)
        outcome.began = 10
        outcome.state = .kept
        outcome.end = .landed
        outcome.falls = 0
        outcome.ticks = 10_000
        return outcome
    }

    @Test func ourUpdateCostsNothing() {
        var table = PeersTable()
        #expect(table.verdict == nil, "without it nothing is shown")
        table.add(ours)
        #expect(table.verdict == .holds)
        #expect(table.text.contains("| `droneagent update` | 0 | 0 | 0 | kept | 0° | 0.0 m | flies on |"))
    }

    /// Each of what it may cost.
    @Test(arguments: 0..<5) func orItDoes(fault: Int) {
        var outcome = ours
        switch fault {
        case 0: outcome.gapTicks = 1
        case 1: outcome.ticksWithBoth = 1
        case 2: outcome.state = .lost
        case 3: outcome.end = .fell
        default: outcome.reason = "it ended with code 2"
        }
        var table = PeersTable()
        table.add(outcome)
        #expect(table.verdict == .fails)
    }

    @Test func aMachineThatStallsIsNoVerdict() {
        var outcome = ours
        outcome.stalledTicks = 11
        var table = PeersTable()
        table.add(outcome)
        #expect(table.verdict == .inconclusive)
        #expect(table.text.contains("stalled over 11 of the 10000 ticks"))
    }

    @Test func whatCouldNotBeFlownStandsBelow() {
        var refused = PeerOutcome(.checkpoint, .plain)
        refused.reason = "not on this machine"
        var table = PeersTable()
        table.add(refused)
        #expect(!table.text.contains("| checkpoint"))
        #expect(table.text.contains("checkpoint, restore (CRIU): not on this machine"))
    }

    /// Ours is held against ways that the plain core flies, not against a straw man that our own core would refuse.
    @Test func everyOtherWayFliesWithThePlainCore() {
        for peer in Peer.allCases where peer != .none && peer != .update { #expect(peer.cores.contains(.plain)) }
        #expect(Peer.update.cores == [.ours])
    }
}
