internal import Contract

/// What a piece of a line means. How that looks is the terminal's.
package enum Ink: Equatable, Sendable, CaseIterable {
    case plain
    case faint
    case strong
    case good
    case warning
    case fault

    /// Parameter of SGR (ECMA-48); nil: as all text. Of the eight colours that every theme keeps readable.
    fileprivate var parameter: Int? {
        switch self {
        case .plain: nil
        case .faint: 2
        case .strong: 1
        case .good: 32
        case .warning: 33
        case .fault: 31
        }
    }
}

/// A line of the screen, of pieces that mean something. Others' names are in it: nothing of them steers the terminal.
package struct StyledLine: Equatable, Sendable {
    private struct Piece: Equatable {
        var text: String
        var ink: Ink
    }

    private var pieces: [Piece] = []

    package init(_ text: String = "", _ ink: Ink = .plain) { self += (text, ink) }

    package static func += (line: inout StyledLine, piece: (text: String, ink: Ink)) {
        guard !piece.text.isEmpty else { return }
        line.pieces.append(Piece(text: printable(piece.text), ink: piece.ink))
    }

    /// Without colours.
    package var text: String { pieces.map(\.text).joined() }

    /// In at most `width` columns.
    package func rendered(width: Int, hasColours: Bool) -> String {
        var room = max(0, width)
        var rendered = ""
        for piece in pieces where room > 0 {
            let text = piece.text.prefix(room)
            room -= text.count
            if hasColours, let parameter = piece.ink.parameter {
                rendered += "\u{1B}[\(parameter)m\(text)\u{1B}[0m"
            } else {
                rendered += text
            }
        }
        return rendered
    }
}
