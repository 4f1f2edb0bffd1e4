package import Agent

/// One update, phase by phase, as the agent's lines told it or as its status showed it.
package struct Timeline: Codable, Equatable, Sendable {
    package struct Step: Codable, Equatable, Sendable {
        package var phase: String
        /// ms since 1970.
        package var began: Int64
        /// The newest sentence of the phase.
        package var text: String
        package var done: UInt64?
        package var total: UInt64?
        /// "bytes", "ticks" or "ms".
        package var unit: String?
    }

    /// More than the phases that an update has; what comes beyond goes to the last.
    package static let stepsMax = 24

    /// What was asked for, such as "update to v2".
    package var title: String
    /// ms since 1970.
    package var began: Int64
    package var ended: Int64?
    package var steps: [Step] = []
    package var plan: PlanReport?
    package var sync: SyncReport?
    package var outcome: Outcome?
    /// How it ended, one sentence.
    package var sentence: String?

    package init(_ title: String, at time: Int64) {
        self.title = title
        began = time
    }

    package var isOver: Bool { ended != nil }

    /// Takes one line of the agent in.
    package mutating func take(_ line: AgentLine, at time: Int64) {
        guard !isOver else { return }
        if let plan = line.plan { self.plan = plan }
        if let sync = line.sync { self.sync = sync }
        switch line.line {
        case .progress:
            enter(line.phase ?? steps.last?.phase ?? "waiting", at: time)
            guard var step = steps.popLast() else { return }
            step.text = line.text
            step.done = line.done
            step.total = line.total
            step.unit = line.unit
            steps.append(step)
        case .result: end(line.outcome, line.text, at: time)
        }
    }

    /// The agent's status names this phase.
    package mutating func enter(_ phase: String, at time: Int64) {
        guard !isOver, steps.last?.phase != phase, steps.count < Self.stepsMax else { return }
        steps.append(Step(phase: phase, began: time, text: ""))
    }

    package mutating func end(_ outcome: Outcome?, _ sentence: String, at time: Int64) {
        guard !isOver else { return }
        ended = time
        self.outcome = outcome
        self.sentence = sentence
    }
}
