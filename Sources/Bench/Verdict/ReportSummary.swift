import Foundation

extension FlightReport {
    /// For people, a few lines.
    package var summary: String {
        func micro(_ value: Double) -> String { String(format: "%.0f", value) }
        func degrees(_ value: Double) -> String { String(format: "%.1f°", value * 180 / .pi) }
        func centimetres(_ value: Double) -> String { String(format: "%.0f cm", value * 100) }
        var lines = [
            "ticks \(ticks): missed \(missed), doubled \(doubled), two owners \(two_owner)",
            "held \(held), torn \(torn), failsafe \(failsafe), stale \(stale_applied), late \(late) in the update and \(late_no_update) outside",
            "excused by \(host_stalls) stalls of the machine: missed \(missed_by_stall), held \(held_by_stall), late \(late_by_stall)",
        ]
        if switch_tick > 0 {
            lines.append(
                "switch at tick \(switch_tick), tilted \(degrees(tilt_at_switch)), turning at \(String(format: "%.1f rad/s", rate_at_switch)); command step \(String(format: "%.2f %%", command_step * 100)), the two differ by \(String(format: "%.1f %%", command_distance * 100))"
            )
        }
        lines += [
            "gap between motor writes, µs (update / none): p50 \(micro(gap_us.update.p50)) / \(micro(gap_us.no_update.p50)), p99 \(micro(gap_us.update.p99)) / \(micro(gap_us.no_update.p99)), max \(micro(gap_us.update.max)) / \(micro(gap_us.no_update.max))",
            "largest tilt \(degrees(tilt_max.update)) / \(degrees(tilt_max.no_update)), height error \(centimetres(altitude_error_max.update)) / \(centimetres(altitude_error_max.no_update))",
        ]
        lines += reasons.map { "- \($0)" } + oddities.map { "  \($0)" }
        lines.append("verdict: \(verdict.rawValue)")
        return lines.joined(separator: "\n")
    }
}
