/// How an update goes, as the agent's status tells it: each phase, and how it ends.
package struct UpdateNews: Sendable {
    /// An update as the agent knows it.
    package struct Update: Equatable, Sendable {
        package var id: Int64
        package var reference: String
        /// All so far, in order.
        package var phases: [String]
        /// How it ended, one sentence; nil: it is under way.
        package var end: String?
        /// Whether it ended as was asked for.
        package var isGood: Bool

        package init(id: Int64, reference: String, phases: [String], end: String?, isGood: Bool) {
            self.id = id
            self.reference = reference
            self.phases = phases
            self.end = end
            self.isGood = isGood
        }
    }

    package struct Line: Equatable, Sendable {
        package var severity: UInt8
        package var sentence: String
    }

    private var former: Update?
    private var isFirst = true

    package init() {}

    /// What is new; an update that was over before the first look is none.
    package mutating func take(_ update: Update?) -> [Line] {
        defer {
            isFirst = false
            former = update ?? former
        }
        guard let update, !(isFirst && update.end != nil), update != former else { return [] }
        let isSame = former?.id == update.id
        let told = isSame ? former?.phases.count ?? 0 : 0
        var lines = isSame ? [] : [Line(severity: Dialect.Severity.notice, sentence: "Update to \(update.reference).")]
        lines += update.phases.dropFirst(told).map {
            Line(severity: Dialect.Severity.info, sentence: "Update: \($0)")
        }
        if let end = update.end {
            lines.append(
                Line(
                    severity: update.isGood ? Dialect.Severity.notice : Dialect.Severity.warning,
                    sentence: "Update ended: \(end)"))
        }
        return lines
    }
}
