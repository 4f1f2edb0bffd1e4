package import Agent
internal import Contract

/// What an update would move over and how long it takes, a line each.
package func planLines(_ plan: PlanReport) -> [String] {
    let rows =
        [["channel", "kind", "schema", "bytes"]]
        + plan.channels.map { [printable($0.name), printable($0.kind), printable($0.schema), "\($0.bytes)"] }
    return columns(rows)
        + [
            "State of \(plan.stateBytes) bytes a cut; \(plan.pullBytes) bytes to pull; "
                + "about \(fixed(plan.seconds, 1)) s until the old version stops: \(fixed(plan.rehearsalSeconds, 1)) s "
                + "rehearsal, \(fixed(plan.syncSeconds, 2)) s for the state, \(fixed(plan.shadowSeconds, 1)) s in shadow, "
                + "then probation."
        ]
        + plan.notes.map(printable)
}

/// Rows in columns, two spaces apart.
func columns(_ rows: [[String]]) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
        zip(row, widths).enumerated()
            .map { index, cell in index == row.count - 1 ? cell.0 : cell.0.padded(to: cell.1 + 2) }.joined()
    }
}
