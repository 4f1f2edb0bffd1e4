import CLI
import FlightCore
import FlightLog
import FoundationEssentials
import Testing

@Suite("droneagent log")
struct LogVerbTests {
    private func withState(_ body: (_ state: String) async throws -> Void) async throws {
        let state = "\(FileManager.default.temporaryDirectory.path)/da-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: state + "/flights", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: state) }
        try await body(state)
    }

    /// 100 ticks in the air; one of them held where `isHeld`.
    private func record(_ path: String, isHeld: Bool = false) throws {
        var file = try ULogFile(
            path: path, timestamp: 0,
            topics: [
                .init(
                    "ownership",
                    [
                        "uint64_t tick", "uint64_t epoch", "uint64_t written_us", "int8_t instance", "uint8_t origin",
                        "int16_t write_result",
                    ])
            ], information: [])
        for tick in 1...100 {
            file.data(0, timestamp: UInt64(tick) * 2000) {
                $0.add(UInt64(tick))
                $0.add(UInt64(1))
                $0.add(UInt64(tick) * 2000 + 700)
                $0.add(Int8(0))
                $0.add(UInt8(isHeld && tick == 50 ? 3 : 1))
                $0.add(Int16(0))
            }
        }
        let isWhole = file.flush()
        #expect(isWhole)
    }

    @Test("The newest flight, a number, a name, a file") func found() async throws {
        try await withState { state in
            try record(state + "/flights/flight-00002.ulg", isHeld: true)
            try record(state + "/flights/flight-00010.ulg")
            try Data("not one".utf8).write(to: URL(filePath: state + "/flights/notes.txt"))
            func verdict(_ flight: [String]) async -> Int32 {
                await DroneAgent.launch(["log", "verdict", "--state", state] + flight)
            }
            #expect(await verdict([]) == 0)
            #expect(await verdict(["2"]) == 2)
            #expect(await verdict(["10", "--json"]) == 0)
            #expect(await verdict(["flight-00010.ulg"]) == 0)
            #expect(await verdict([state + "/flights/flight-00002.ulg"]) == 2)
            #expect(await DroneAgent.launch(["log", "list", "--state", state]) == 0)
            #expect(await DroneAgent.launch(["log", "list", "--state", state, "--json"]) == 0)
            // Ticks alone are no picture.
            #expect(await DroneAgent.launch(["log", "plot", "--state", state]) == 2)
        }
    }

    @Test("What is not there or no log is refused") func refused() async throws {
        try await withState { state in
            func verdict(_ flight: [String]) async -> Int32 {
                await DroneAgent.launch(["log", "verdict", "--state", state] + flight)
            }
            #expect(await verdict([]) == 2)
            #expect(await verdict(["7"]) == 2)
            #expect(await verdict([state + "/flights"]) == 2)
            try Data("no log at all, but long enough".utf8).write(
                to: URL(filePath: state + "/flights/flight-00001.ulg"))
            #expect(await verdict([]) == 2)
            #expect(await DroneAgent.launch(["log", "list", "--state", state + "/none"]) == 2)
            #expect(await DroneAgent.launch(["log", "pull", "9", "--state", state]) != 0)
        }
    }

    @Test("A verdict in words") func words() {
        var verdict = LogVerdict()
        (verdict.ticks, verdict.worstGap, verdict.isCut) = (27405, 0.003554, true)
        verdict.watches = [
            LogVerdict.Watch(
                name: "flight-1", epoch: 1, cause: "none", firstTick: 1, lastTick: 12560, from: 0, to: 25.12)
        ]
        #expect(
            logVerdictLines(verdict) == [
                "ticks 27405: missed 0, doubled 0, two owners 0, of a past epoch 0",
                "held 0, late 0, failsafe 0; longest gap between motor writes 3.6 ms",
                "0.0 to 25.1 s     flight-1                         epoch 1, ticks 1 to 12560, none",
                "The log ends in the middle of a message: its writer was killed or lost its power.",
                "verdict: holds",
            ])
        verdict.missed = 1
        #expect(!verdict.holds && logVerdictLines(verdict).last == "verdict: fails")
    }
}
