package import Agent
internal import Contract

/// What is written for the agent's lines: JSON, plain lines, or one live line a phase. Pure: text in, text out.
package struct ProgressDisplay: Sendable {
    package enum Form: Equatable, Sendable {
        /// One object a line, as the agent sent it.
        case json
        /// A sentence a line, and no line twice.
        case plain
        /// The last line is rewritten in place while its phase lasts; columns.
        case terminal(width: Int)
    }

    /// Plain lines of one phase: one at each tenth of it, for logs are read.
    private static let stepsPerPhase: UInt64 = 10

    private struct Step: Equatable {
        var phase: String?
        var text: String
        var tenth: UInt64?
    }

    private let form: Form
    private var last: Step?
    /// Phase of the live line; nil: the cursor stands at the beginning of a line.
    private var livePhase: String??
    private var pace = Pace()

    package init(_ form: Form) { self.form = form }

    /// `time`: ns of any clock that does not go back, for the rate; 0: not known.
    package mutating func show(_ line: AgentLine, at time: UInt64 = 0) -> String {
        switch form {
        case .json: return json(line)
        case .plain:
            let step = Step(phase: line.phase, text: line.text, tenth: Self.tenth(line))
            guard step != last else { return "" }
            last = step
            return progressSentence(line) + "\n"
        case .terminal(let width):
            let isSamePhase = livePhase == .some(line.phase)
            let before = isSamePhase ? "\r" : end()
            livePhase = .some(line.phase)
            pace.take(line, at: time)
            // Erase to the end of the line: ECMA-48 EL.
            return before + progressLine(line, width: width, pace: pace.text) + "\u{1B}[K"
        }
    }

    /// A result: its plan, its status, and its sentence unless that goes to standard error. The live line is ended before.
    package func result(_ line: AgentLine, withText: Bool) -> String {
        guard form != .json else { return json(line) }
        var lines: [String] = []
        if let plan = line.plan { lines += planLines(plan) }
        if let status = line.status { lines += statusLines(status) }
        if withText, !line.text.isEmpty { lines.append(printable(line.text)) }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Ends the live line.
    package mutating func end() -> String {
        guard livePhase != nil else { return "" }
        livePhase = nil
        return "\n"
    }

    private func json(_ line: AgentLine) -> String { String(decoding: line.json, as: UTF8.self) + "\n" }

    private static func tenth(_ line: AgentLine) -> UInt64? {
        guard let done = line.done, let total = line.total, total > 0 else { return nil }
        return min(done, total).multipliedReportingOverflow(by: stepsPerPhase).partialValue / total
    }
}
