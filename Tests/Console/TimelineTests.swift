import Agent
import Console
import Testing

/// An update, phase by phase.
@Suite struct TimelineTests {
    @Test("Phases come once each, with their newest sentence and their beginning") func phases() {
        var timeline = Timeline("update to v2", at: 10)
        timeline.take(.progress("pulling", "A bit.", done: 1, total: 9, unit: "bytes"), at: 11)
        timeline.take(.progress("pulling", "More.", done: 5, total: 9, unit: "bytes"), at: 12)
        timeline.take(.progress("starting", "It starts."), at: 14)
        #expect(timeline.steps.map(\.phase) == ["pulling", "starting"])
        #expect(timeline.steps.map(\.began) == [11, 14])
        #expect(timeline.steps[0].text == "More." && timeline.steps[0].done == 5 && timeline.steps[0].total == 9)
        #expect(!timeline.isOver)
    }

    @Test("A plan on the way is kept, and the result ends it for good") func ending() {
        var timeline = Timeline("update to v2", at: 10)
        var planned = AgentLine.progress("planning", "One channel.")
        planned.plan = .small
        timeline.take(planned, at: 11)
        timeline.take(.result(.rolledBack, "The old version flies."), at: 12)
        timeline.take(.progress("pulling", "Too late."), at: 13)
        timeline.take(UpdateReport("v3", at: 14))
        #expect(timeline.plan == .small && timeline.steps.map(\.phase) == ["planning"])
        #expect(
            timeline.ended == 12 && timeline.outcome == .rolledBack && timeline.sentence == "The old version flies.")
    }

    @Test("An update by another command is shown as its own terminal has it") func another() {
        var update = UpdateReport("v2", at: 10)
        update.take(.progress("pulling", "Bytes.", done: 5, total: 9, unit: "bytes"), at: 11)
        var planned = AgentLine.progress("planning", "One channel.")
        planned.plan = .small
        update.take(planned, at: 12)
        update.take(.progress("shadowing", "Cuts."), at: 13)
        var timeline = Timeline("update to v2", at: update.began)
        timeline.take(update)
        #expect(timeline.steps == update.steps && timeline.plan == .small)
        #expect(timeline.steps.map(\.phase) == ["pulling", "planning", "shadowing"])
        #expect(timeline.steps.map(\.began) == [11, 12, 13] && timeline.steps[0].done == 5)
    }

    @Test("An agent that reels off phases fills no memory") func bounded() {
        var timeline = Timeline("update to v2", at: 0)
        for number in 0..<100 { timeline.take(.progress("phase \(number)", "\(number)"), at: Int64(number)) }
        #expect(timeline.steps.count == [UpdateReport.Step].countMax && timeline.steps.last?.text == "99")
    }
}
