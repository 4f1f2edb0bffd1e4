import Agent
import CContract
import Contract
import FlightLog
import Foundation
import Testing

/// A flight that was just flown is flown again in shadow, on the real engine.
extension LiveUpdateTests {
    /// `droneagent replay` as a person calls it: its exit code, what it said in all, and of that its results.
    private func replay(
        _ flight: LiveFlight, _ arguments: [String]
    ) async throws -> (code: Int32, out: String, results: String) {
        let process = Process()
        process.executableURL = URL(filePath: try #require(LiveFlight.programs) + "/droneagent")
        let log = flight.directories.flights + "flight-00001.ulg"
        process.arguments =
            ["replay", log, "--engine", flight.live.socket, "--folder", flight.folder.path] + arguments
            + ["--run", flight.directories.run, "--state", flight.directories.state]
        func file(_ name: String) throws -> (path: String, handle: FileHandle) {
            let path = flight.folder.path + "/\(name)"
            try Data().write(to: URL(filePath: path))
            return (path, try #require(FileHandle(forWritingAtPath: path)))
        }
        let (out, errors) = (try file("replay.out"), try file("replay.err"))
        (process.standardOutput, process.standardError) = (out.handle, errors.handle)
        try process.run()
        // Two minutes at most.
        for _ in 0..<2400 where process.isRunning { try await Task.sleep(for: .milliseconds(50)) }
        if process.isRunning { process.terminate() }
        try await flight.until("the replay has ended") { !process.isRunning }
        let results = try String(contentsOfFile: out.path, encoding: .utf8)
        return (
            process.terminationStatus, results + (try String(contentsOfFile: errors.path, encoding: .utf8)), results
        )
    }

    /// Of what `--json` printed.
    private func verdict(_ out: String) throws -> ReplayVerdict {
        let line = try #require(out.split(separator: "\n").last { $0.contains("\"moments\"") }, "\(out)")
        return try JSONDecoder().decode(ReplayVerdict.self, from: Data(line.utf8))
    }

    @Test func aFlightIsReplayed() async throws {
        try await flying { flight in
            let pilot = try PilotThread(flight.directories.coreSocket)
            defer { pilot.stop() }
            try await flight.until("it flies") { (try? flight.core.status().mode) == FlightMode.fly.rawValue }
            let began = try flight.core.status().tick
            // Ticks in flight: three times what the comparison needs, for where the machine stalls there is less to judge.
            try await flight.until("it has flown for a while") {
                ((try? flight.core.status().tick) ?? 0) > began + 12_000
            }
            func reference(_ tag: String) -> String { "\(flight.live.registry)/flight:\(tag)" }
            let early = try await replay(flight, ["--image", reference("v1")])
            #expect(early.code == 2 && early.out.contains("armed"), "\(early.out)")
            pilot.stop()
            try await flight.until("it has landed") {
                (try? flight.core.status().mode) == FlightMode.disarmed.rawValue
            }
            // Its log goes on for two seconds of ticks, and is written some records later.
            let landed = try flight.core.status().tick
            try await flight.until("its log has ended") {
                ((try? flight.core.status().tick) ?? 0) > landed + 1500
            }

            let same = try await replay(flight, ["--image", reference("v1"), "--json"])
            #expect(same.code == 0, "\(same.out)")
            let own = try verdict(same.out)
            print("v1 on its own flight: \(own)")
            #expect(own.isLetThrough && own.compared > 3000 && own.unanswered <= 5, "\(own)")
            // The log begins two seconds before arming, so the owner's state of then is not quite its own.
            #expect(own.command.rms < 0.02, "\(own.command)")

            let wrong = try await replay(flight, ["--image", reference("test-reversed"), "--owner", reference("v1")])
            print(wrong.out)
            #expect(wrong.code == 2 && wrong.out.contains("It would have been refused"), "\(wrong.out)")
            #expect(wrong.out.contains("times the effect"), "\(wrong.out)")
            // Progress is no result.
            #expect(wrong.results.contains("compared") && !wrong.results.contains("is replayed"), "\(wrong.results)")
            #expect(wrong.out.contains("is replayed"), "\(wrong.out)")

            let next = try verdict(
                try await replay(flight, ["--image", reference("v2"), "--owner", reference("v1"), "--json"]).out)
            print("v2 on v1's flight: \(next)")
            #expect(next.isSettled && next.moments > 2000 && next.refusedMoments * 5 < next.moments, "\(next)")

            // Nothing of them is left, and the drone has not noticed.
            try await expectOnlyTheOwner(flight)
            let folders = try FileManager.default.contentsOfDirectory(atPath: flight.folder.path)
            #expect(!folders.contains { $0.hasPrefix("replay-") }, "\(folders)")
        }
    }
}
