package import Agent

/// One update, phase by phase, as the agent's lines told it or as its status showed it.
package struct Timeline: Codable, Equatable, Sendable {
    /// What was asked for, such as "update to v2".
    package var title: String
    /// ms since 1970.
    package var began: Int64
    package var ended: Int64?
    package var steps: [UpdateReport.Step] = []
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
        case .progress: steps.take(line, at: time)
        case .result: end(line.outcome, line.text, at: time)
        }
    }

    /// Takes in what the agent's status says of an update that another command has asked for.
    package mutating func take(_ update: UpdateReport) {
        guard !isOver else { return }
        (steps, plan, sync) = (update.steps, update.plan, update.sync)
    }

    package mutating func end(_ outcome: Outcome?, _ sentence: String, at time: Int64) {
        guard !isOver else { return }
        ended = time
        self.outcome = outcome
        self.sentence = sentence
    }
}
