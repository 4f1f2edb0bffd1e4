/// What a capture of the wires came to.
package struct CaptureReport: Sendable, Equatable {
    /// s of the capture, and of it with outputs enabled.
    package var seconds = 0.0
    package var enabledSeconds = 0.0
    /// With outputs enabled: writes to the motors' registers in full, and others.
    package var completeWrites = 0
    package var incompleteWrites = 0
    package var ticks = 0
    package var missed = 0
    package var doubled = 0
    /// Incomplete writes that no complete one followed within a tick.
    package var torn = 0
    /// µs between complete writes.
    package var gaps = Distribution([])
    package var pulses = 0
    /// Pulses of another width than the registers ask for; the first of them, s from the capture's beginning.
    package var pulsesNotTold = 0
    package var firstPulseNotTold: Double?
    package var pulsesBehindOutputEnable = 0

    package init() {}

    package var writes: Int { completeWrites + incompleteWrites }

    package var holds: Bool {
        completeWrites > 1 && missed == 0 && doubled == 0 && torn == 0 && pulses > 0 && pulsesNotTold == 0
            && pulsesBehindOutputEnable == 0
    }

    /// A case for each thing that the wires can tell.
    package var junit: JUnitSuite {
        func none(_ name: String, _ count: Int, _ what: String) -> JUnitSuite.Case {
            .init(name, count == 0 ? .passed : .failed("\(count) \(what)"))
        }
        let judged = JUnitSuite.Case(
            "the motors are written to and pulse", seconds: seconds,
            completeWrites > 1 && pulses > 0
                ? .passed : .error("\(completeWrites) complete writes and \(pulses) pulses: there is nothing to judge"))
        return JUnitSuite(
            "wires",
            [
                judged, none("no tick is missed", missed, "ticks without a complete write"),
                none("no tick is doubled", doubled, "ticks with more than one write"),
                none("no write stays torn", torn, "writes that broke off and were not mended"),
                none("every pulse was told", pulsesNotTold, "pulses that no write told"),
                none("output-enable stops the motors", pulsesBehindOutputEnable, "pulses behind output-enable"),
            ])
    }

    package var summary: String {
        func whole(_ value: Double) -> String { "\(Int(value.rounded()))" }
        var lines = [
            "capture of \((seconds * 100).rounded() / 100) s, outputs enabled for \((enabledSeconds * 100).rounded() / 100) s",
            "ticks \(ticks): missed \(missed), doubled \(doubled), torn \(torn)",
            "motor writes \(writes), of which complete \(completeWrites); gap, µs: p50 \(whole(gaps.p50)), p99 \(whole(gaps.p99)), max \(whole(gaps.max))",
            "motor pulses \(pulses), of which not told by a write \(pulsesNotTold); behind output-enable \(pulsesBehindOutputEnable)",
        ]
        if let firstPulseNotTold { lines.append("the first pulse that no write told began at \(firstPulseNotTold) s") }
        if completeWrites < 2 {
            lines.append(
                "There are no motor writes; check the lines' names, the board file's motor address, and that it was armed."
            )
        }
        return (lines + ["verdict: \(holds ? "holds" : "fails")"]).joined(separator: "\n")
    }
}
