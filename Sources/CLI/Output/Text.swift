/// A number with a fixed count of decimals; "unknown" when it is none.
package func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "unknown" }
    let scale = [1, 10, 100, 1000][min(max(decimals, 0), 3)]
    let whole = Int((abs(value) * Double(scale)).rounded())
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard scale > 1 else { return "\(sign)\(whole)" }
    let fraction = String(whole % scale + scale).dropFirst()
    return "\(sign)\(whole / scale).\(fraction)"
}

extension String {
    /// Filled up with spaces on the right.
    package func padded(to columns: Int) -> String {
        self + String(repeating: " ", count: max(0, columns - count))
    }

    /// Filled up with spaces on the left, as numbers below one another are.
    package func aligned(to columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - count)) + self
    }
}
