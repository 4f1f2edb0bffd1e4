import Agent
import FoundationEssentials

/// All ways of one run, as a table for people and as JSON.
package struct PeersTable: Codable, Sendable {
    package private(set) var outcomes: [PeerOutcome] = []
    /// What gaps of other lengths do: another machine's engine is slower or faster.
    package var gaps: [PeerTrial.Gap] = []
    /// The machine that they flew on.
    package var machine = ""

    package init() {}

    package mutating func add(_ outcome: PeerOutcome) { outcomes.append(outcome) }

    /// Of our update; nil: it was not flown.
    package var verdict: FlightReport.Verdict? {
        guard let ours = outcomes.first(where: { $0.peer == .update }) else { return nil }
        guard ours.costsNothing else { return .fails }
        return ours.isConclusive ? .holds : .inconclusive
    }

    /// In Markdown; what could not be flown stands below.
    package var text: String {
        let flown = outcomes.filter { $0.reason.isEmpty || $0.began > 0 }
        var rows = [
            [
                "", "worst gap, ticks", "falls of \(PeerTrial.moments)", "ticks with two driving", "state", "tilt",
                "height error",
                "the flight",
            ]
        ]
        rows += flown.map(\.row)
        var lines = rows.map { "| " + $0.joined(separator: " | ") + " |" }
        lines.insert("|---|---|---|---|---|---|---|---|", at: 1)
        for outcome in outcomes where !outcome.reason.isEmpty {
            lines.append("")
            lines.append("\(outcome.peer.title): \(outcome.reason)")
        }
        for outcome in outcomes where outcome.peer == .update && !outcome.isConclusive {
            lines.append("")
            lines.append(
                "The machine stalled over \(outcome.stalledTicks) of the \(outcome.ticks) ticks of our update; more than 0.1 % is no verdict: fly again."
            )
        }
        if !gaps.isEmpty {
            let words = gaps.map { "\(decimal($0.seconds, 2)) s: \($0.falls) of \(PeerTrial.moments)" }
            lines.append("")
            lines.append("How often a stop and start falls, by its gap: \(words.joined(separator: ", ")).")
        }
        lines.append("")
        lines.append("Flown on \(machine).")
        return lines.joined(separator: "\n")
    }

    /// - Throws: `BenchFault` when the file cannot be written.
    package func write(_ path: String) throws(BenchFault) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do { try encoder.encode(self).write(to: URL(fileURLWithPath: path)) } catch {
            throw BenchFault("\(path) cannot be written: \(fileReason(error))")
        }
    }
}
