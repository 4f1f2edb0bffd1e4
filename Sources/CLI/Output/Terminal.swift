internal import CPlatform
internal import Glibc

/// A terminal whose cursor can be moved.
package struct Terminal: Equatable, Sendable {
    package struct Size: Equatable, Sendable {
        /// Columns and rows.
        package var width: Int
        package var height: Int

        /// What does not say its size has that of old.
        package init(width: Int, height: Int) {
            self.width = width > 0 ? width : 80
            self.height = height > 0 ? height : 24
        }
    }

    package let descriptor: Int32
    package let hasColours: Bool

    /// The terminal behind a descriptor; nil: there is none, or a dumb one.
    static func behind(_ descriptor: Int32) -> Terminal? {
        guard isatty(descriptor) == 1 else { return nil }
        let habits = TerminalHabits(environment: environment)
        return habits.canMove ? Terminal(descriptor: descriptor, hasColours: habits.hasColours) : nil
    }

    /// As it is now; nil: it has hung up.
    var size: Size? {
        var (width, height): (Int32, Int32) = (0, 0)
        guard da_terminal_size(descriptor, &width, &height) == 0 else { return nil }
        return Size(width: Int(width), height: Int(height))
    }

    private static var environment: [String: String] {
        var values: [String: String] = [:]
        for name in ["TERM", "NO_COLOR"] { if let value = getenv(name) { values[name] = String(cString: value) } }
        return values
    }
}

/// What the environment says of a terminal, and of who sits at it.
package struct TerminalHabits: Equatable, Sendable {
    /// A dumb terminal has no cursor to move: it is written to as a pipe is.
    package var canMove: Bool
    /// Whoever sets NO_COLOR to anything but the empty string wants none (no-color.org).
    package var hasColours: Bool

    package init(environment: [String: String]) {
        canMove = environment["TERM"] != "dumb"
        hasColours = canMove && environment["NO_COLOR", default: ""].isEmpty
    }
}
