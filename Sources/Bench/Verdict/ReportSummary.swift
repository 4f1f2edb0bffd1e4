import Agent

extension FlightReport {
    /// The flight is one case: what fails it is in its reasons.
    package var junit: JUnitSuite {
        let words = reasons.joined(separator: " ")
        let outcome: JUnitSuite.Outcome =
            switch verdict {
            case .holds: .passed
            case .fails: .failed(words)
            case .inconclusive: .error(words)
            }
        return JUnitSuite("fly", [.init("a flight with an update", seconds: secondsUpdate + secondsNoUpdate, outcome)])
    }

    /// For people, a few lines.
    package var summary: String {
        func micro(_ value: Double) -> String { printed("%.0f", value) }
        func degrees(_ value: Double) -> String { printed("%.1f°", value * 180 / .pi) }
        func centimetres(_ value: Double) -> String { printed("%.0f cm", value * 100) }
        var lines = [
            "ticks \(ticks): missed \(missed), doubled \(doubled), two owners \(twoOwner)",
            "held \(held), torn \(torn), failsafe \(failsafe), stale \(staleApplied), late \(late) in the update and \(lateNoUpdate) outside",
            "excused by \(hostStalls) stalls of the machine: missed \(missedByStall), held \(heldByStall), late \(lateByStall)",
        ]
        if switchTick > 0 {
            lines.append(
                "switch at tick \(switchTick), tilted \(degrees(tiltAtSwitch)), turning at \(printed("%.1f rad/s", rateAtSwitch)); command step \(printed("%.2f %%", commandStep * 100)), the two differ by \(printed("%.1f %%", commandDistance * 100))"
            )
        }
        lines += [
            "gap between motor writes, µs (update / none): p50 \(micro(gapUs.update.p50)) / \(micro(gapUs.noUpdate.p50)), p99 \(micro(gapUs.update.p99)) / \(micro(gapUs.noUpdate.p99)), max \(micro(gapUs.update.max)) / \(micro(gapUs.noUpdate.max))",
            "largest tilt \(degrees(tiltMax.update)) / \(degrees(tiltMax.noUpdate)), height error \(centimetres(altitudeErrorMax.update)) / \(centimetres(altitudeErrorMax.noUpdate))",
        ]
        if sameTicksCompared > 0 {
            lines.append(
                "the same image in shadow: \(sameTicksCompared) ticks compared to the bit, \(sameTicksUnequal) unequal")
        }
        lines += reasons.map { "- \($0)" } + oddities.map { "  \($0)" }
        lines.append("verdict: \(verdict.rawValue)")
        return lines.joined(separator: "\n")
    }
}
