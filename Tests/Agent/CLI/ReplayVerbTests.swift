import CLI
import FlightCore
import FlightLog
import Foundation
import Testing

@Suite("droneagent replay")
struct ReplayVerbTests {
    @Test("What is no log, or one of an older core, is refused before an engine is asked") func refused() async throws {
        let state = "\(FileManager.default.temporaryDirectory.path)/da-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: state) }
        func replay(_ flight: String) async -> Int32 {
            await DroneAgent.launch([
                "replay", flight, "--image", "127.0.0.1:1/flight:v1", "--engine", state + "/none.sock", "--run", state,
                "--state", state,
            ])
        }
        #expect(await replay("7") == 2)
        #expect(await replay(state) == 2)
        try Data("no log at all, but long enough".utf8).write(to: URL(filePath: state + "/text.ulg"))
        #expect(await replay(state + "/text.ulg") == 2)
        var file = try ULogFile(
            path: state + "/old.ulg", timestamp: 0, topics: [.init("ownership", ["uint64_t tick"])], information: [])
        file.data(0, timestamp: 1) { $0.add(UInt64(1)) }
        let isWhole = file.flush()
        #expect(isWhole)
        #expect(await replay(state + "/old.ulg") == 2)
    }

    @Test("A verdict in words") func words() {
        var verdict = ReplayVerdict()
        (verdict.ticks, verdict.seconds, verdict.isSettled) = (9000, 18.0, true)
        (verdict.compared, verdict.identical, verdict.moments) = (8000, 8000, 6000)
        #expect(
            replayLines(verdict) == [
                "9000 samples in 18.0 s: 0 without an answer, 0 ticks not in the log",
                "compared 8000: no bit differs",
                "motor command         0.000 % RMS, at most 0.000 %",
                "angular acceleration  0.000 rad/s² RMS, at most 0.000 rad/s²",
                "thrust over mass      0.000 m/s² RMS, at most 0.000 m/s²",
            ])
        #expect(verdict.sentence == "It would have been let through at each of 6000 moments.")
        (verdict.identical, verdict.worstAt, verdict.command.most, verdict.isCut) = (12, 7.5, 0.25, true)
        (verdict.refusedMoments, verdict.refusedAt, verdict.why) = (3000, 4.25, "A sign is wrong.")
        let lines = replayLines(verdict)
        #expect(lines[1] == "compared 8000, in 12 of them no bit differs, worst 7.500 s from the log's beginning")
        #expect(lines[2].hasSuffix("at most 25.000 %") && lines.count == 6)
        #expect(
            !verdict.isLetThrough
                && verdict.sentence
                    == "It would have been refused: A sign is wrong. So it was at 50 % of the moments, first 4.3 s from the log's beginning."
        )
    }
}
