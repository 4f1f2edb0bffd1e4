import Agent

/// What one update of a container with a map came to; sync.json has these names in snake case.
package struct SyncFigure: Codable, Sendable {
    /// Of the map.
    package var bytes: Int
    /// Whether the owner's queue thread was slowed to nothing.
    package var isStarved: Bool
    /// That went over until the first cut; s that it took, and that the plan had said.
    package var sent = 0
    package var took = 0.0
    package var planned = 0.0
    /// Ticks from the old owner's last command to the new one's first.
    package var switchTicks = 0
    /// In shadow: ticks compared, and those with any other bit.
    package var compared = 0
    package var unequal = 0
    /// Answers that the owner gave behind their tick, and samples that its socket had no room for, during the update.
    package var ownerLate = 0
    /// Largest resident memory, bytes.
    package var agentPeak = 0
    package var containerPeak = 0
    /// As the command said it, and its sentence.
    package var outcome = ""
    package var text = ""

    package init(bytes: Int, isStarved: Bool) {
        self.bytes = bytes
        self.isStarved = isStarved
    }

    /// A plan may be wrong by a fifth; below a twentieth of a second by so many s, for a cut comes each 20 ms, and the plan
    /// counts with half of that.
    private static let planTolerance = 0.2
    private static let planSlack = 0.01

    /// What is not as it should be, a sentence each.
    package var faults: [String] {
        if isStarved {
            return outcome == "refused"
                ? [] : ["The update from an owner that sends nothing ended with \(outcome): \(text)"]
        }
        guard outcome == "updated" else { return ["The update ended with \(outcome): \(text)"] }
        var faults: [String] = []
        if compared == 0 || unequal > 0 { faults.append("\(unequal) of \(compared) ticks in shadow differ.") }
        if switchTicks != 1 { faults.append("The switch took \(switchTicks) ticks.") }
        if abs(took - planned) > max(planned * Self.planTolerance, Self.planSlack) {
            faults.append("The state took \(took) s, the plan said \(planned) s.")
        }
        return faults
    }

    private static func size(_ bytes: Int) -> String {
        bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
    }

    package static let heading =
        "    map    took s  plan s  plan/took  MB/s  switch  shadow ticks, unequal  owner late  agent MB  container MB  outcome"

    /// One row of the table.
    package var line: String {
        let name = Self.size(bytes)
        let megabytes = [agentPeak, containerPeak].map { printed("%.1f", Double($0) / 1e6) }
        guard !isStarved, took > 0 else {
            let note = isStarved ? " (owner's queue without CPU: \(text))" : " (\(text))"
            return Self.padded(name, 8) + Self.padded("\(ownerLate)", 77) + Self.padded(megabytes[0], 10)
                + Self.padded(megabytes[1], 14) + "  " + outcome + note
        }
        return Self.padded(name, 8) + Self.padded(printed("%.3f", took), 9)
            + Self.padded(printed("%.3f", planned), 8)
            + Self.padded(printed("%.2f", planned / took), 10)
            + Self.padded(printed("%.1f", Double(sent) / took / 1e6), 7)
            + Self.padded("\(switchTicks)", 8) + Self.padded("\(compared), \(unequal)", 23)
            + Self.padded("\(ownerLate)", 12) + Self.padded(megabytes[0], 10) + Self.padded(megabytes[1], 14)
            + "  \(outcome)"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
