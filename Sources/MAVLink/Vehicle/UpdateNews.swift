/// How an update goes, as the agent's status tells it: each phase, and how it ends.
package struct UpdateNews: Sendable {
    /// An update as the agent knows it.
    package struct Update: Equatable, Sendable {
        /// ms since 1970: of two updates the later one has the larger.
        package var began: Int64
        package var reference: String
        /// All so far, in order.
        package var phases: [String]
        /// How it ended, one sentence; nil: it is under way.
        package var end: String?
        /// Whether it ended as was asked for.
        package var isGood: Bool

        package init(began: Int64, reference: String, phases: [String], end: String?, isGood: Bool) {
            self.began = began
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

    /// What is new at one look: at the last update that has ended, and at the one under way. One that was over before the
    /// first look is none.
    package mutating func take(ended: Update?, running: Update?) -> [Line] {
        if isFirst { former = ended }
        isFirst = false
        return [ended, running].flatMap { $0.map { follow($0) } ?? [] }
    }

    private mutating func follow(_ update: Update) -> [Line] {
        // An older one than was told of has been told to its end.
        guard update != former, update.began >= former?.began ?? .min else { return [] }
        let isSame = former?.began == update.began
        let told = isSame ? former?.phases.count ?? 0 : 0
        former = update
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
