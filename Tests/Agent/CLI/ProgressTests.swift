import Agent
import CLI
import Testing

@Suite("Progress, as lines")
struct ProgressTests {
    private let pulling = AgentLine.progress(
        "pulling", "The image is pulled.", done: 3_140_000, total: 12_000_000, unit: "bytes")

    @Test(
        "The amount stands at the end, in a unit for people",
        arguments: [
            (3_140_000, 12_000_000, "bytes", "3.1 of 12.0 MB"), (80, 900, "bytes", "80 of 900 bytes"),
            (0, 55_500, "bytes", "0.0 of 55.5 kB"), (250, 500, "ticks", "250 of 500 ticks"),
            (1500, 5000, "ms", "1.5 of 5.0 s"), (2, 4, "channels", "2 of 4 channels"),
        ] as [(UInt64, UInt64, String, String)])
    func amounts(_ done: UInt64, _ total: UInt64, _ unit: String, _ amount: String) {
        let line = AgentLine.progress("syncing", "It goes on.", done: done, total: total, unit: unit)
        #expect(progressSentence(line) == "It goes on: \(amount).")
    }

    @Test("Without an amount the sentence stands alone") func sentence() {
        #expect(progressSentence(.progress("ready", "Waits for calm flight.")) == "Waits for calm flight.")
        #expect(progressSentence(.progress("syncing", "Cut", done: 7)) == "Cut: 7.")
    }

    @Test("No line is as wide as its terminal", arguments: [0, 1, 2, 20, 40, 72, 80, 200])
    func width(_ width: Int) {
        #expect(progressLine(pulling, width: width).count <= max(0, width - 1))
    }

    @Test("A wide terminal has room for a bar") func bar() {
        let line = progressLine(pulling, width: 100)
        #expect(line.hasPrefix("pulling    The image is pulled: 3.1 of 12.0 MB."))
        #expect(line.hasSuffix("[#####...............]"))
        let over = AgentLine.progress("probation", "Watched.", done: 9000, total: 5000, unit: "ms")
        #expect(progressLine(over, width: 100).hasSuffix("[####################]"))
    }

    @Test("Nobody's text steers the terminal") func control() {
        #expect(progressSentence(.progress("pulling", "a\u{1B}[2Jb\nc")) == "a?[2Jb?c")
    }

    @Test("Plain lines come once each tenth") func plain() {
        var display = ProgressDisplay(.plain)
        let written = (0...1000).map { tick in
            display.show(.progress("shadowing", "Shadows.", done: UInt64(tick), total: 1000, unit: "ticks"))
        }
        let lines = written.filter { !$0.isEmpty }
        #expect(lines.count == 11)
        #expect(lines.first == "Shadows: 0 of 1000 ticks.\n")
        #expect(lines.last == "Shadows: 1000 of 1000 ticks.\n")
        #expect(display.result(.result(.updated, "Version 2 flies."), withText: true) == "Version 2 flies.\n")
    }

    @Test("A terminal rewrites the line of a phase and keeps it when the next begins") func terminal() {
        var display = ProgressDisplay(.terminal(width: 40))
        #expect(display.show(.progress("pulling", "A.")) == "pulling    A.\u{1B}[K")
        #expect(display.show(.progress("pulling", "B.")) == "\rpulling    B.\u{1B}[K")
        #expect(display.show(.progress("syncing", "C.")) == "\nsyncing    C.\u{1B}[K")
        let end = display.end()
        #expect(end == "\n")
        #expect(display.result(.result(.refused, "No."), withText: false) == "")
        let again = display.end()
        #expect(again == "")
    }

    @Test("JSON lines are the agent's own") func json() throws {
        var display = ProgressDisplay(.json)
        let result = AgentLine.result(.rolledBack, "Back.")
        #expect(display.show(pulling) == String(decoding: pulling.json, as: UTF8.self) + "\n")
        #expect(display.result(result, withText: false) == String(decoding: result.json, as: UTF8.self) + "\n")
    }

    @Test(
        "Numbers",
        arguments: [
            (1.25, 1, "1.3"), (-0.04, 1, "0.0"), (-1.5, 1, "-1.5"), (0.999, 2, "1.00"), (12, 0, "12"),
            (.nan, 1, "unknown"), (.infinity, 1, "unknown"),
        ] as [(Double, Int, String)])
    func numbers(_ value: Double, _ decimals: Int, _ text: String) {
        #expect(fixed(value, decimals) == text)
    }
}
