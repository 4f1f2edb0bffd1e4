internal import Contract

/// What one look at board or machine came to.
package struct Finding: Codable, Equatable, Sendable {
    /// How much it matters.
    package enum State: String, Codable, Sendable {
        case ok
        /// It flies, but look.
        case warning
        /// It does not fly or update, or should not.
        case fault
    }

    package var state: State
    package var subject: String
    /// One sentence; for anything but `ok` it says what to do.
    package var sentence: String

    package init(_ state: State, _ subject: String, _ sentence: String) {
        self.state = state
        self.subject = printable(subject)
        self.sentence = printable(sentence)
    }

    /// A line of `flightcore --check`: state, subject and sentence with tabs between them; nil: it is none.
    package init?(line: some StringProtocol) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 3, let state = State(rawValue: String(fields[0])) else { return nil }
        self.init(state, String(fields[1]), String(fields[2]))
    }
}
