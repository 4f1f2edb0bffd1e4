/// What the command line asks of the agent: one JSON line.
package struct AgentRequest: Codable, Equatable, Sendable {
    package enum Verb: String, Codable, Sendable, CaseIterable {
        case status
        case update
        case start
        case rollback
    }

    package var verb: Verb
    /// Of `update` and `start`.
    package var reference: String?
    /// Of `update`: plan only, change nothing.
    package var dryRun: Bool?
    /// Of `update`: even to the image that flies already.
    package var again: Bool?
    /// Of `update`: whatever the gate says.
    package var now: Bool?
    /// Of `update`: s for which the gate is waited for; nil: not at all.
    package var wait: Int?

    private enum CodingKeys: String, CodingKey {
        case verb, reference, again, now, wait
        case dryRun = "dry_run"
    }

    package init(
        _ verb: Verb, reference: String? = nil, dryRun: Bool = false, again: Bool = false, now: Bool = false,
        wait: Int? = nil
    ) {
        self.verb = verb
        self.reference = reference
        self.dryRun = dryRun ? true : nil
        self.again = again ? true : nil
        self.now = now ? true : nil
        self.wait = wait
    }
}

/// How a command ended.
package enum Outcome: String, Codable, Sendable, CaseIterable {
    /// The new container flies and the old one has been stopped.
    case updated
    /// Done, whatever was asked (start, status, a dry run whose plan stands).
    case done
    /// Refused or failed before the switch: nothing about the flight has changed.
    case refused
    /// The new container had control and the old one has it back.
    case rolledBack = "rolled_back"
    /// The new container had control and the old one could not take it back.
    case rollbackFailed = "rollback_failed"
}

/// What the agent answers: JSON lines of progress, then one result.
package struct AgentLine: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable {
        case progress
        case result
    }

    package var line: Kind
    /// Of the update, such as "pulling".
    package var phase: String?
    /// One sentence for a person.
    package var text: String
    /// How far the phase is, of how much, and in what ("bytes", "ticks", "ms").
    package var done: UInt64?
    package var total: UInt64?
    package var unit: String?
    /// Of a result.
    package var outcome: Outcome?
    package var status: StatusReport?
    package var plan: PlanReport?
    package var sync: SyncReport?

    package static func progress(
        _ phase: String, _ text: String, done: UInt64? = nil, total: UInt64? = nil, unit: String? = nil
    ) -> AgentLine {
        AgentLine(line: .progress, phase: phase, text: text, done: done, total: total, unit: unit)
    }

    package static func result(_ outcome: Outcome, _ text: String) -> AgentLine {
        AgentLine(line: .result, text: text, outcome: outcome)
    }
}

/// What `status` answers.
package struct StatusReport: Codable, Equatable, Sendable {
    package struct Instance: Codable, Equatable, Sendable {
        package var name: String
        package var role: String
        package var image: String
        package var manifest: String
        /// Of the container, as the engine says; nil: the engine does not answer or has none.
        package var container: String?
    }

    /// nil: the core does not answer.
    package var core: CoreReport?
    package var coreFault: String?
    /// API version; nil: the engine does not answer.
    package var engine: String?
    package var engineFault: String?
    /// Phase of the update under way; nil: none is.
    package var phase: String?
    /// How far it is, whoever has asked for it.
    package var update: UpdateReport?
    package var lastUpdate: String?
    /// The last one that has ended since the agent's start: whoever asks now and then misses no phase of it.
    package var ended: UpdateReport?
    /// What is started after a loss of power, and what 'rollback' goes back to.
    package var committed: String?
    package var previous: String?
    package var instances: [Instance] = []
    /// What the committed version's camera process does, one sentence; nil: it has none.
    package var camera: String?

    private enum CodingKeys: String, CodingKey {
        case core, engine, phase, update, ended, instances, committed, previous, camera
        case coreFault = "core_fault"
        case engineFault = "engine_fault"
        case lastUpdate = "last_update"
    }
}

/// How long channels in blocks took, beside what the plan had said.
package struct SyncReport: Codable, Equatable, Sendable {
    /// That went over until the first cut, those that went twice included.
    package var bytes: UInt64
    /// s, from the plan to the first cut that the candidate applied.
    package var planned: Double
    package var took: Double
}

/// What an update would move over, and how long it takes.
package struct PlanReport: Codable, Equatable, Sendable {
    package struct Channel: Codable, Equatable, Sendable {
        package var name: String
        package var kind: String
        package var bytes: UInt32
        package var schema: String
    }

    package var channels: [Channel]
    /// State of one cut.
    package var stateBytes: UInt64
    /// To be pulled.
    package var pullBytes: UInt64
    /// Estimated, from the command to the commit, s.
    package var seconds: Double
    /// Of it before the switch: the flight in the model, the state's way, the time in shadow, s.
    package var rehearsalSeconds: Double
    package var syncSeconds: Double
    package var shadowSeconds: Double
    /// What goes another way than the user may think, one sentence each.
    package var notes: [String]

    private enum CodingKeys: String, CodingKey {
        case channels, seconds, notes
        case stateBytes = "state_bytes"
        case pullBytes = "pull_bytes"
        case rehearsalSeconds = "rehearsal_s"
        case syncSeconds = "sync_s"
        case shadowSeconds = "shadow_s"
    }
}
