import Bench
import CContract
import CPlatform
import Contract
import FlightCore
import Foundation
import Testing

/// `flightcore --check`, the real program over a simulated world: each finding is one line, faults make it end with 1.
@Suite(.serialized, .enabled(if: SupervisedFlight.programs != nil, SupervisedFlight.missing), .timeLimit(.minutes(2)))
struct BoardCheckTests {
    /// Findings by subject: state and sentence.
    private typealias Findings = [String: (state: String, sentence: String)]

    /// `change` is what the core's board file has other than the world's, of which `wires` is true too.
    private func check(
        wires: (inout da_board) -> Void = { _ in }, _ change: (inout da_board) -> Void
    ) throws -> (code: Int32, findings: Findings, output: String) {
        let programs = try #require(SupervisedFlight.programs)
        let folder = URL(fileURLWithPath: "/tmp/check-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ board: da_board, _ name: String) throws -> String {
            var board = board
            board.checksum = 0
            board.checksum = BoardImage.checksum(board)
            let path = folder.path + "/" + name
            try withUnsafeBytes(of: board) { try Data($0).write(to: URL(fileURLWithPath: path)) }
            return path
        }
        var whole = BenchBoard.make()
        wires(&whole)
        var changed = whole
        change(&changed)
        let world = try Child(
            "world", programs + "/flightbench",
            [
                "world", "--board", try write(whole, "world.bin"), "--socket", folder.path + "/bus.sock", "--folder",
                folder.path,
            ], log: folder.path + "/world.log")
        defer { world.stop() }
        try SupervisedFlight.wait("the world") { FileManager.default.fileExists(atPath: folder.path + "/bus.sock") }
        let core = try Child(
            "check", programs + "/flightcore",
            ["--check", "--board", try write(changed, "board.bin"), "--run", folder.path],
            log: folder.path + "/check.log")
        defer { core.stop() }
        try SupervisedFlight.wait("the check's end") { !core.isRunning }
        var findings: Findings = [:]
        for line in core.output.split(separator: "\n") {
            let fields = line.split(separator: "\t").map(String.init)
            if fields.count == 3 { findings[fields[1]] = (fields[0], fields[2]) }
        }
        return (core.exitCode, findings, core.output)
    }

    @Test func aBoardThatIsRightHasNoFault() throws {
        let (code, findings, output) = try check { _ in }
        #expect(code == 0, "\(output)")
        let subjects = ["bus budget", "IMU", "barometer", "battery", "motors", "bus speed", "arm switch", "kill line"]
        for subject in subjects { #expect(findings[subject]?.state != "fault", "\(subject): \(output)") }
        #expect(findings.count == subjects.count + 1 && findings["real time"] != nil, "\(output)")
        #expect(findings.values.allSatisfy { $0.sentence.hasSuffix(".") })
    }

    @Test func whatIsWrongIsNamedWithWhatToDo() throws {
        let (code, findings, output) = try check { board in
            board.imu_address = 0x69
            // Another chip is there, and the barometer asks it who it is.
            board.baro_address = 0x68
            board.bus_speed = 1_000_000
        }
        #expect(code == 1)
        let (imu, barometer) = (findings["IMU"]?.sentence ?? "", findings["barometer"]?.sentence ?? "")
        #expect(imu.contains("No chip answers at 0x69") && imu.contains("imu.address"), "\(output)")
        #expect(barometer.contains("calls itself") && barometer.contains("a BMP280 would be 0x58"), "\(output)")
        #expect(findings["motors"]?.state == "ok" && findings["bus speed"]?.state == "fault", "\(output)")
    }

    private static func receiver(_ board: inout da_board) {
        board.receiver = da_board_receiver(
            offset: 4, falling: 1, channel: (1, 2, 3, 4), reversed: 0, failsafe_channel: 3, reserved: 0,
            range: (1e-3, 1.5e-3, 2e-3), deadband: 8e-6, failsafe_below: 950e-6)
    }

    @Test func theReceiverIsHeard() throws {
        let (code, findings, output) = try check(wires: Self.receiver) { _ in }
        let heard = try #require(findings["receiver"], "\(output)")
        #expect(code == 0 && heard.state == "ok", "\(output)")
        #expect(heard.sentence.contains("frames of 8 channels came on line 4: roll 0 %, pitch 0 %,"), "\(output)")
    }

    @Test func aChannelThatNoFrameHasIsNamed() throws {
        let (code, findings, output) = try check(wires: Self.receiver) { $0.receiver.channel = (1, 2, 3, 9) }
        let heard = findings["receiver"]
        #expect(code == 1 && heard?.state == "fault", "\(output)")
        #expect(heard?.sentence.contains("8 channels, but receiver.channels") == true, "\(output)")
    }

    @Test func aBoardThatIsNoneIsOneSentence() throws {
        let programs = try #require(SupervisedFlight.programs)
        let child = try Child(
            "check", programs + "/flightcore", ["--check", "--board", "/nonexistent", "--run", "/tmp"],
            log: "/tmp/check-\(getpid()).log")
        defer { try? FileManager.default.removeItem(atPath: child.log) }
        try SupervisedFlight.wait("its end") { !child.isRunning }
        #expect(child.exitCode == 1 && child.output.contains("/nonexistent"))
    }
}
