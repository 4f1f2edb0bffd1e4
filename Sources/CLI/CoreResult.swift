internal import Agent

/// What the flight core answered to a verb, in the shape of the agent's result as far as the core alone can fill it.
struct CoreResult: Encodable {
    struct Status: Encodable { var core: CoreReport }

    private let line = "result"
    var outcome: Outcome
    var text: String
    /// nil: it was refused.
    var status: Status?

    init(_ outcome: Outcome, _ text: String, core: CoreReport? = nil) {
        self.outcome = outcome
        self.text = text
        status = core.map(Status.init)
    }

    /// One line, with its end.
    var json: String { Output.json(self) }
}
