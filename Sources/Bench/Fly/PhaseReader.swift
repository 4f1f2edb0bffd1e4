import FoundationEssentials

/// Reads the phases of an update from the lines of `droneagent update --json`, as they come.
struct PhaseReader {
    private(set) var phases: [FlightReport.Phase] = []
    private var linesRead = 0

    private struct Line: Decodable {
        var phase: String?
        var line: String?
    }

    /// `output` is all that was printed so far; `now` in s, CLOCK_MONOTONIC.
    mutating func take(_ output: String, now: Double) {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: true)
        let whole = output.hasSuffix("\n") ? lines.count : max(0, lines.count - 1)
        for text in lines.prefix(whole).dropFirst(linesRead) {
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else { continue }
            if !phases.isEmpty { phases[phases.count - 1].end = now }
            if let name = line.phase, name != phases.last?.name, name != "idle" {
                phases.append(FlightReport.Phase(name: name, begin: now, end: now))
            }
        }
        linesRead = max(linesRead, whole)
    }
}
