/// One row of the table: what was measured, against which goal.
package struct Figure: Codable, Sendable, Equatable {
    package enum Verdict: String, Codable, Sendable {
        case met
        case missed
        /// The measurement does not say.
        case inconclusive
        /// It could not be taken; the remark says why.
        case unmeasured = "not measured"
    }

    package var name: String
    package var goal: String
    package var measured: String
    package var verdict: Verdict
    /// How it was run, and what is known of the reason when the goal is missed.
    package var remarks: [String] = []
    /// The numbers behind the text, each name with its unit.
    package var values: [String: Double] = [:]
}

extension Figure {
    /// A figure that could not be had.
    package init(unmeasured name: String, goal: String, _ reason: String) {
        self.init(name: name, goal: goal, measured: "–", verdict: .unmeasured, remarks: [reason])
    }

    /// A ratio against a limit: `atMost` for costs, else at least.
    package init(_ name: String, _ ratio: PairedRatio?, limit: Double, atMost: Bool = true) {
        let goal = (atMost ? "≤ " : "≥ ") + decimal(limit)
        guard let ratio else {
            self.init(unmeasured: name, goal: goal, "No pair of windows could be measured.")
            return
        }
        let isMet = atMost ? ratio.median <= limit : ratio.median >= limit
        self.init(
            name: name, goal: goal, measured: "\(decimal(ratio.median)) \(ratio.intervalText)",
            verdict: isMet ? .met : .missed)
        note(ratio)
    }

    package mutating func note(_ ratio: PairedRatio) {
        values["ratio"] = ratio.median
        values["ratio_low"] = ratio.interval.lowerBound
        values["ratio_high"] = ratio.interval.upperBound
        values["pairs"] = Double(ratio.pairs)
    }
}

extension PairedRatio {
    /// `[0.98, 1.03]`.
    package var intervalText: String { "[\(decimal(interval.lowerBound)), \(decimal(interval.upperBound))]" }
}
