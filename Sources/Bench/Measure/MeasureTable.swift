import Agent
import FoundationEssentials

/// All figures of one run, as a table for people and as JSON.
package struct MeasureTable: Codable, Sendable {
    package private(set) var figures: [Figure] = []
    /// The machine that it was measured on.
    package var machine = ""
    /// Whether it was the short run, whose figures prove little.
    package var quick = false

    package init(machine: String = "", quick: Bool = false) {
        self.machine = machine
        self.quick = quick
    }

    package mutating func add(_ more: [Figure]) { figures += more }

    /// In Markdown, the remarks below the table.
    package var text: String {
        var rows = [["figure", "goal", "measured", ""]]
        rows += figures.map { [$0.name, $0.goal, $0.measured, $0.verdict.rawValue] }
        var lines = rows.map { "| " + $0.joined(separator: " | ") + " |" }
        lines.insert("|---|---|---|---|", at: 1)
        for figure in figures where !figure.remarks.isEmpty {
            lines.append("")
            lines.append("**\(figure.name):** " + figure.remarks.joined(separator: " "))
        }
        lines.append("")
        lines.append("Measured on \(machine)\(quick ? ", in the short run" : "").")
        return lines.joined(separator: "\n")
    }

    /// - Throws: `BenchFault` when the file cannot be written.
    package func write(_ path: String) throws(BenchFault) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do { try encoder.encode(self).write(to: URL(fileURLWithPath: path)) } catch {
            throw BenchFault("\(path) cannot be written: \(fileReason(error))")
        }
    }
}
