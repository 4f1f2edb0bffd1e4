/// What a campaign has found.
package struct CampaignReport: Sendable {
    package private(set) var flights = 0
    package private(set) var seconds = 0.0
    package private(set) var failures: [CampaignResult] = []
    private var ends: [CampaignResult.End: Int] = [:]
    private var unremedied: [CampaignResult.End: Int] = [:]
    private var outcomes: [String: Int] = [:]
    private var reasons: [String: Int] = [:]
    private var matrix: [FaultKind: [String: Int]] = [:]

    /// Columns of the matrix.
    private static let phases = [
        "before", "pulling", "verifying", "starting", "planning", "rehearsing", "syncing", "shadowing", "ready",
        "switching",
        "probation", "committing", "undoing", "agent dead", "after",
    ]
    /// Failures kept; the rest is only counted.
    private static let kept = 100
    /// Reasons printed, the most frequent first.
    private static let reasonsMax = 20
    package private(set) var failed = 0

    package init() {}

    package mutating func add(_ result: CampaignResult) {
        flights += 1
        seconds += result.seconds
        if result.faultClass == .noRemedy {
            unremedied[result.end, default: 0] += 1
        } else {
            ends[result.end, default: 0] += 1
        }
        outcomes[result.outcome, default: 0] += 1
        if !result.reason.isEmpty { reasons["\(result.outcome): \(result.reason)", default: 0] += 1 }
        for (kind, phase) in result.struck { matrix[kind, default: [:]][phase, default: 0] += 1 }
        guard !result.breaches.isEmpty else { return }
        failed += 1
        if failures.count < Self.kept { failures.append(result) }
    }

    package mutating func add(_ other: CampaignReport) {
        flights += other.flights
        seconds += other.seconds
        failed += other.failed
        failures += other.failures
        ends.merge(other.ends, uniquingKeysWith: +)
        unremedied.merge(other.unremedied, uniquingKeysWith: +)
        outcomes.merge(other.outcomes, uniquingKeysWith: +)
        reasons.merge(other.reasons, uniquingKeysWith: +)
        matrix.merge(other.matrix) { $0.merging($1, uniquingKeysWith: +) }
    }

    /// Faults that met what they were to meet.
    package var struck: Int { matrix.values.reduce(0) { $0 + $1.values.reduce(0, +) } }
    package func count(_ end: CampaignResult.End) -> Int { ends[end] ?? 0 }
    package func count(outcome: String) -> Int { outcomes[outcome] ?? 0 }
    package var countWithoutRemedy: Int { unremedied.values.reduce(0, +) }
    package func struck(_ kind: FaultKind) -> Int { matrix[kind]?.values.reduce(0, +) ?? 0 }

    /// The table of faults by kind and phase, and how the flights ended. `taken` in s, on `cores`.
    package func text(taken: Double, cores: Int) -> String {
        var lines = ["faults struck, by the phase of the update", row("", Self.phases)]
        for kind in FaultKind.allCases {
            lines.append(row(kind.rawValue, Self.phases.map { "\(matrix[kind]?[$0] ?? 0)" }))
        }
        func list<Key: Hashable>(_ counts: [Key: Int], _ name: (Key) -> String) -> String {
            let parts = counts.map { "\(name($0.key)) \($0.value)" }.sorted()
            return parts.isEmpty ? "none" : parts.joined(separator: ", ")
        }
        lines.append("flights: \(flights), faults struck: \(struck)")
        lines.append("ended: \(list(ends) { $0.rawValue })")
        lines.append("no physical remedy, not counted as survived: \(list(unremedied) { $0.rawValue })")
        lines.append("updates: \(list(outcomes) { $0 })")
        let sorted = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        lines += sorted.prefix(Self.reasonsMax).map { "\(row("", ["\($0.value)"]))  \($0.key)" }
        let perMinute = Int(Double(flights) / max(taken, 1e-3) * 60)
        let factor = Int(seconds / max(taken, 1e-3) / Double(max(1, cores)))
        lines.append("\(perMinute) flights a minute on \(cores) cores, \(factor) times real time a core")
        lines.append(failed == 0 ? "every flight ended in its class" : "\(failed) flights did not end in their class:")
        for failure in failures.prefix(Self.kept) {
            lines.append("  seed \(failure.seed): \(failure.breaches.joined(separator: "; "))")
            lines += failure.story.map { "    \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ cells: [String]) -> String {
        let width = 11
        func pad(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return name + String(repeating: " ", count: max(1, 18 - name.count)) + cells.map { pad($0, width) }.joined()
    }
}
