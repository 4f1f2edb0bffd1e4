/// What is written to a terminal to take its screen, to draw on it, and to give it back as it was. Pure.
///
/// Control sequences of ECMA-48 and, for the second screen and the cursor, of xterm, which all terminals of today know.
package enum ScreenText {
    /// A screen beside that of the shell, empty, without a cursor.
    package static let enter = "\u{1B}[?1049h\u{1B}[?25l" + clear
    /// Plain text, the cursor, and the shell's screen. What was drawn is erased before, for consoles with one screen only.
    package static let leave = "\u{1B}[0m" + clear + "\u{1B}[?25h\u{1B}[?1049l"
    /// Everything anew on a screen that is taken, whatever wrote there.
    package static let again = "\u{1B}[?25l" + clear
    package static let clear = "\u{1B}[H\u{1B}[2J"

    /// The lines from the top left on, over what was there: nothing flickers.
    package static func frame(_ lines: [String]) -> String {
        // What is left of a longer line, and of more lines, is erased.
        "\u{1B}[H" + lines.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J"
    }
}
