import Bench
import Testing

@Suite struct PeerTrialTests {
    /// A tick without a command is nothing to a vehicle with 20 ms of rotor lag; two seconds without any are.
    @Test func itFallsOfALongGapOnly() throws {
        #expect(PeerTrial.fallen(.restart, gapTicks: 1, of: 8) == 0)
        #expect(try #require(PeerTrial.fallen(.stopThenStart, gapTicks: 1000, of: 8)) > 0)
        #expect(PeerTrial.fallen(.update, gapTicks: 0, of: 8) == 0)
        #expect(PeerTrial.fallen(.overlap, gapTicks: 0, of: 8) == nil)
    }
}
