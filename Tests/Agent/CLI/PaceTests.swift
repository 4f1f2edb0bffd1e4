import Agent
import CLI
import Testing

@Suite("Rate and time left")
struct PaceTests {
    private let second: UInt64 = 1_000_000_000

    private func line(_ done: UInt64, _ phase: String = "pulling", total: UInt64? = 10_000_000, unit: String = "bytes")
        -> AgentLine
    {
        .progress(phase, "Pulled.", done: done, total: total, unit: unit)
    }

    private func text(_ amounts: [(seconds: UInt64, done: UInt64)], total: UInt64? = 10_000_000) -> String? {
        var pace = Pace()
        for amount in amounts { pace.take(line(amount.done, total: total), at: amount.seconds * second) }
        return pace.text
    }

    @Test("It is known after a second, and not before") func first() {
        #expect(text([]) == nil)
        #expect(text([(5, 0)]) == nil)
        #expect(text([(5, 1000), (5, 5000)]) == nil)
        #expect(text([(5, 0), (6, 2_000_000)]) == "2.0 MB/s, 4 s left")
    }

    @Test("It is that of the last ten seconds") func window() {
        // A megabyte a second for ten seconds, then half of that.
        var amounts = (0...10).map { (seconds: UInt64($0), done: UInt64($0) * 100_000) }
        amounts += (1...11).map { (seconds: 10 + UInt64($0), done: 1_000_000 + UInt64($0) * 50_000) }
        #expect(text(amounts) == "50.0 kB/s, 2 min 49 s left")
    }

    @Test("What stands still has no time left, what is through neither") func end() {
        #expect(text([(1, 500), (9, 500)]) == "0 bytes/s")
        #expect(text([(1, 0), (3, 10_000_000)]) == "5.0 MB/s")
        #expect(text([(1, 0), (3, 5_000_000)], total: nil) == "2.5 MB/s")
    }

    @Test("Who would need more than a day says no time") func longest() {
        #expect(text([(1, 0), (3, 4)], total: 4_000_000) == "2 bytes/s")
    }

    @Test("A new phase, a fetch begun anew and another unit begin it anew") func anew() {
        var pace = Pace()
        pace.take(line(0), at: second)
        pace.take(line(2_000_000), at: 2 * second)
        #expect(pace.text != nil)
        pace.take(line(1_000_000), at: 3 * second)
        #expect(pace.text == nil)
        pace.take(line(3_000_000), at: 4 * second)
        #expect(pace.text == "2.0 MB/s, 4 s left")
        pace.take(line(4_000_000, "syncing"), at: 5 * second)
        #expect(pace.text == nil)
        pace.take(line(5, unit: "ticks"), at: 9 * second)
        #expect(pace == Pace())
    }

    @Test("A terminal shows it, a pipe does not") func shown() {
        var (live, plain) = (ProgressDisplay(.terminal(width: 120)), ProgressDisplay(.plain))
        _ = live.show(line(0), at: second)
        _ = plain.show(line(0), at: second)
        let shown = live.show(line(5_000_000), at: 3 * second)
        #expect(shown.hasPrefix("\rpulling    Pulled: 5.0 of 10.0 MB, 2.5 MB/s, 2 s left."))
        let written = plain.show(line(5_000_000), at: 3 * second)
        #expect(written == "Pulled: 5.0 of 10.0 MB.\n")
    }

    @Test(
        "Times for people",
        arguments: [
            (0, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7380, "2 h 3 min"),
            (.nan, "unknown"), (-1, "unknown"), (1e12, "unknown"),
        ] as [(Double, String)])
    func durations(_ seconds: Double, _ text: String) {
        #expect(durationText(seconds) == text)
    }
}
