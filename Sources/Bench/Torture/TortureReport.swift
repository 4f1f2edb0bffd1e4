import Foundation

/// What became of each cell.
package struct TortureReport: Codable, Sendable {
    package struct Row: Codable, Equatable, Sendable {
        package var party: String
        package var blow: String
        package var phase: String
        /// Whether it was struck in that phase: a phase can be over before it is seen.
        package var isStruck: Bool
        /// How the update ended, and what flew, or stood, when all was at rest again.
        package var update: String
        package var rest: String
        /// Largest gap between two complete motor writes, ms, and tilt, rad, from the blow until all was at rest.
        package var gap = 0.0
        package var tilt = 0.0
        /// Ticks with an outdated command.
        package var stale = 0
        /// Longest stall of the machine meanwhile, ms.
        package var stall = 0.0
        /// What is wrong with it; empty: it survived.
        package var faults: [String] = []

        /// ms: a stall that, with a tick on either side, outlasts what the core bridges without its owner. Whatever came of
        /// that is the machine's.
        private static let unbridged = 8.0
        package var isJudged: Bool { faults.isEmpty || stall < Self.unbridged }
        package var hasFailed: Bool { !faults.isEmpty && isJudged }

        package init(_ cell: TortureCell, isStruck: Bool, update: String, rest: String) {
            (party, blow, phase) = (cell.party.rawValue, cell.blow.rawValue, cell.phase.rawValue)
            self.isStruck = isStruck
            self.update = update
            self.rest = rest
        }
    }

    package var rows: [Row] = []
    /// Of all flights together.
    package var flights = 0
    package var ticks = 0
    package var twoOwners = 0
    package var stale = 0

    package init() {}

    package var survived: Bool { twoOwners == 0 && stale == 0 && !rows.contains(where: \.hasFailed) }

    package var text: String {
        var lines = [
            "| whom | blow | phase | update | at rest | gap, ms | tilt, ° |  |", "|---|---|---|---|---|---|---|---|",
        ]
        for row in rows {
            let said = row.faults.joined(separator: " ")
            let end =
                row.hasFailed
                ? said
                : row.isJudged
                    ? (row.isStruck ? "survived" : "not met") : "the machine stalled \(Int(row.stall)) ms: \(said)"
            lines.append(
                "| \(row.party) | \(row.blow) | \(row.phase) | \(row.update) | \(row.rest) | \(decimal(row.gap, 1)) | \(Int(row.tilt * 180 / .pi)) | \(end) |"
            )
        }
        let struck = rows.count { $0.isStruck }
        let failed = rows.count { $0.hasFailed }
        lines.append(
            "\n\(rows.count) cells, \(struck) struck, \(failed) not survived; \(flights) flights, \(ticks) ticks, two owners \(twoOwners), stale \(stale)"
        )
        return lines.joined(separator: "\n")
    }
}
