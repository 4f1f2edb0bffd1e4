/// What a proxy does to the connections that go through it.
package struct Disturbance: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Each piece, in both directions, comes so much later, s.
        case delay(Double)
        /// Answers flow no faster, bytes a second.
        case throttle(Int)
        /// Each message of a ZeroMQ queue is lost with this probability, 0 to 1.
        case loss(Double)
        /// The connection ends when so many bytes of the answer went through.
        case cut(after: Int)
        /// The connection ends before anything is said.
        case refuse
        /// The request is taken and never answered.
        case hang
        /// The proxy answers itself with this HTTP status, and these words of an engine's error.
        case status(Int, String)
        /// One bit of the answer's body is another, that of byte `at`.
        case flip(at: Int)
        /// Behind the true answer's head comes `piece`, again and again, without an end.
        case endless(piece: String)
        /// The request is sent on as one for another: `from` in its first line becomes `to`.
        case instead(of: String, to: String)
    }

    package var kind: Kind
    /// Only requests with this in their first line; empty: all.
    package var path: String

    /// For a table, in a few words.
    package var words: String {
        switch kind {
        case .delay(let seconds): "\(Int(seconds * 1000)) ms late"
        case .throttle(let rate): "\(rate) bytes a second"
        case .loss(let share): "\(Int(share * 100)) % lost"
        case .cut(let after): "cut off after \(after) bytes"
        case .refuse: "closes at once"
        case .hang: "hangs"
        case .status(let code, let words): "answers \(code)\(words.isEmpty ? "" : " (\(words))")"
        case .flip: "one bit flipped"
        case .endless: "endless"
        case .instead: "another one"
        }
    }

    package init(_ kind: Kind, path: String = "") {
        self.kind = kind
        self.path = path
    }
}
