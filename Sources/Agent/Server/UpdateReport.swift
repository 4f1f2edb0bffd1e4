/// An update under way, for those who have not asked for it: another terminal, the console.
package struct UpdateReport: Codable, Equatable, Sendable {
    /// One phase.
    package struct Step: Codable, Equatable, Sendable {
        package var phase: String
        /// ms since 1970.
        package var began: Int64
        /// The newest sentence of the phase.
        package var text: String
        /// How far it is, of how much, and in what ("bytes", "ticks", "ms").
        package var done: UInt64?
        package var total: UInt64?
        package var unit: String?
    }

    package var reference: String
    /// ms since 1970.
    package var began: Int64
    /// In the order of time; the last is the phase under way.
    package var steps: [Step] = []
    /// nil: not planned yet, or planned before the agent was restarted.
    package var plan: PlanReport?
    package var sync: SyncReport?
    /// Of one that has ended.
    package var outcome: Outcome?
    /// How it ended, one sentence.
    package var text: String?

    package init(_ reference: String, at time: Int64) {
        self.reference = reference
        began = time
    }

    /// Takes one line of progress in.
    package mutating func take(_ line: AgentLine, at time: Int64) {
        plan = line.plan ?? plan
        sync = line.sync ?? sync
        steps.take(line, at: time)
    }
}

extension [UpdateReport.Step] {
    /// More than the phases that an update has; what comes beyond goes to the last.
    package static var countMax: Int { 24 }

    /// Takes one line of progress in.
    package mutating func take(_ line: AgentLine, at time: Int64) {
        enter(line.phase ?? last?.phase ?? "waiting", at: time)
        guard var step = popLast() else { return }
        (step.text, step.done, step.total, step.unit) = (line.text, line.done, line.total, line.unit)
        append(step)
    }

    /// This phase is under way.
    package mutating func enter(_ phase: String, at time: Int64) {
        guard last?.phase != phase, count < Self.countMax else { return }
        append(Element(phase: phase, began: time, text: ""))
    }
}
