/// What became of each cell.
package struct TortureReport: Codable, Sendable {
    package struct Row: Codable, Equatable, Sendable {
        package var party: String
        package var blow: String
        package var phase: String
        /// The phase that the agent had told last when it was struck: one of some ms can be over before it is seen.
        package var struckIn = ""
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
        /// ms without a motor write: what a crash of the core may take be.
        private static let gapMax = 50.0
        package var isJudged: Bool { isStruck && (isSound || stall < Self.unbridged) }
        package var hasFailed: Bool { isStruck && !isSound && stall < Self.unbridged }
        private var isSound: Bool { faults.isEmpty && gap <= Self.gapMax }

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

    package var hasFailed: Bool { twoOwners > 0 || stale > 0 || rows.contains(where: \.hasFailed) }
    /// Each was struck, no stall of the machine came between, and none failed.
    package var survived: Bool { !hasFailed && rows.allSatisfy(\.isJudged) }

    package var text: String {
        var lines = [
            "| whom | blow | phase | update | at rest | gap, ms | tilt, ° |  |", "|---|---|---|---|---|---|---|---|",
        ]
        for row in rows {
            let said = (row.faults + (row.gap > 50 ? ["\(Int(row.gap)) ms without a motor write."] : [])).joined(
                separator: " ")
            let end =
                row.hasFailed
                ? said
                : row.isJudged
                    ? "survived" : row.isStruck ? "the machine stalled \(Int(row.stall)) ms: \(said)" : "not met"
            let phase =
                row.struckIn.isEmpty || row.struckIn == row.phase ? row.phase : "\(row.phase), then \(row.struckIn)"
            lines.append(
                "| \(row.party) | \(row.blow) | \(phase) | \(row.update) | \(row.rest) | \(decimal(row.gap, 1)) | \(Int(row.tilt * 180 / .pi)) | \(end) |"
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
