package import Agent
internal import Contract

/// A line of progress as one sentence, its amount at the end, and its pace if that is known.
package func progressSentence(_ line: AgentLine, pace: String? = nil) -> String {
    let text = printable(line.text)
    guard let amount = amountText(line) else { return text }
    let end = pace.map { ", \($0)" } ?? ""
    return "\(text.hasSuffix(".") ? String(text.dropLast()) : text): \(amount)\(end)."
}

/// A line of progress for a terminal: phase, sentence, amount and bar in at most `width` columns, less one so
/// that no terminal breaks the line.
package func progressLine(_ line: AgentLine, width: Int, pace: String? = nil) -> String {
    let phase = line.phase.map { printable($0).padded(to: phaseColumns) + " " } ?? ""
    let whole = phase + progressSentence(line, pace: pace)
    let room = max(width, 1) - 1
    guard whole.count <= room else { return String(whole.prefix(room)) }
    guard let share = shareDone(line), room - whole.count > barCells + 2 else { return whole }
    return whole + String(repeating: " ", count: room - whole.count - barCells - 2) + bar(share, cells: barCells)
}

/// Such as "[#####.....]"; what is beyond 0 to 1, or no number, is an end of it.
func bar(_ share: Double, cells: Int) -> String {
    let full = share.isFinite ? Int(min(max(share, 0), 1) * Double(cells)) : 0
    return "[\(String(repeating: "#", count: full))\(String(repeating: ".", count: cells - full))]"
}

/// The longest phase is "committing".
private let phaseColumns = 10
private let barCells = 20

/// 0 to 1; nil: unknown.
func shareDone(_ line: AgentLine) -> Double? {
    guard let done = line.done, let total = line.total, total > 0 else { return nil }
    return Double(min(done, total)) / Double(total)
}

/// Such as "3.1 of 12.0 MB", "250 of 500 ticks", "1.5 of 5.0 s"; nil: the line has no amount.
private func amountText(_ line: AgentLine) -> String? {
    guard let done = line.done else { return nil }
    let (scale, decimals, unit): (Double, Int, String) =
        switch line.unit {
        case "bytes": byteScale(max(done, line.total ?? 0))
        case "ms": (1000, 1, "s")
        case let unit: (1, 0, unit ?? "")
        }
    let amounts = [done, line.total].compactMap(\.self).map { fixed(Double($0) / scale, decimals) }
    return amounts.joined(separator: " of ") + (unit.isEmpty ? "" : " \(printable(unit))")
}

/// SI, as image sizes are given.
func byteScale(_ bytes: UInt64) -> (Double, Int, String) {
    switch bytes {
    case ..<10_000: (1, 0, "bytes")
    case ..<1_000_000: (1e3, 1, "kB")
    default: (1e6, 1, "MB")
    }
}
