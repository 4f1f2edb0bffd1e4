internal import Glibc

/// An artificial horizon in plain text: the world as the vehicle sees it ahead, ground dotted, the vehicle in the middle.
package enum Horizon {
    package static let rows = 7
    package static let columns = 25
    /// A row is so many degrees; a cell is twice as high as it is wide.
    private static let degreesPerRow: Float = 10
    private static let columnsPerRow: Float = 2
    private static let mark = "=o="

    /// Angles in rad: right wing down and nose up positive. What is no number is shown as level flight is not: empty.
    package static func lines(roll: Float, pitch: Float) -> [String] {
        guard roll.isFinite, pitch.isFinite else {
            return Array(repeating: String(repeating: " ", count: columns), count: rows)
        }
        let (sine, cosine) = (sin(roll), cos(roll))
        let nose = pitch * 180 / .pi
        // Half of what the angle above the horizon changes by from cell to cell: so the line has no gap.
        let half = max(abs(cosine), abs(sine) / columnsPerRow) * degreesPerRow / 2
        let edge = character(sine, cosine)
        return (0..<rows).map { row in
            let up = Float(rows / 2 - row) * degreesPerRow
            var line = (0..<columns).map { column -> Character in
                let right = Float(column - columns / 2) * degreesPerRow / columnsPerRow
                let above = up * cosine - right * sine + nose
                return above < -half ? "." : above < half ? edge : " "
            }
            if row == rows / 2 {
                let first = (columns - mark.count) / 2
                line.replaceSubrange(first..<first + mark.count, with: mark)
            }
            return String(line)
        }
    }

    /// How the line looks where the vehicle is rolled so far.
    private static func character(_ sine: Float, _ cosine: Float) -> Character {
        // tan 15°: less looks level, and as much from upright looks so.
        let little: Float = 0.27
        if abs(sine) < little * abs(cosine) { return "-" }
        if abs(cosine) < little * abs(sine) { return "|" }
        return sine * cosine > 0 ? "/" : "\\"
    }
}
