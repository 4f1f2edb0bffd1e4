import Bench
import Foundation
import Simulator
import Testing

/// Through sigrok-cli and its file format, there and back.
@Suite struct CaptureTests {
    private static let board = #filePath.replacing("Tests/Bench/Capture/CaptureTests.swift", with: "Board/bench.yaml")

    private func folder() throws -> String {
        let folder = NSTemporaryDirectory() + "/droneagent-capture-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private func log(_ records: [MotorRecord], _ path: String) throws {
        var bytes = ByteWriter()
        bytes.put(MotorRecord.magic)
        bytes.put(MotorRecord.version)
        bytes.put(UInt16(MotorRecord.size))
        bytes.put(UInt64(0))
        for record in records { record.encode(&bytes) }
        try Data(bytes.bytes).write(to: URL(fileURLWithPath: path))
    }

    @Test func aCaptureThatTheBenchWritesIsJudgedFromTheFile() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var records = WireLedgerTests.records(count: 500)
        records.remove(at: 250)
        try log(records, folder + "/motors.log")
        try Capture.write(
            folder + "/flight.sr", motors: folder + "/motors.log", board: Self.board, begin: 0, seconds: 2)
        let report = try Capture.judge(folder + "/flight.sr", board: Self.board)
        #expect(report.ticks == 500 && report.missed == 1 && report.doubled == 0 && report.torn == 0)
        #expect(report.pulses > 1000 && report.pulsesNotTold == 0)
        try report.junit.write(to: folder + "/wires.xml")
        let xml = try String(contentsOfFile: folder + "/wires.xml", encoding: .utf8)
        #expect(xml.contains("tests=\"6\" failures=\"1\" errors=\"0\""), "\(xml)")
        #expect(xml.contains("name=\"no tick is missed\"><failure message=\"1 ticks without a complete write\"/>"))
        #expect { try report.junit.write(to: folder + "/absent/wires.xml") } throws: {
            "\($0)".contains("/absent/wires.xml cannot be written")
        }
    }

    @Test(
        arguments: [(-1, 1), (1e300, 1), (.infinity, 1), (.nan, 1), (0, 0), (0, 61), (0, .nan)] as [(Double, Double)])
    func whatCannotBeAStretchIsRefused(begin: Double, seconds: Double) {
        #expect {
            try Capture.write("/nowhere.sr", motors: "/nowhere.log", board: Self.board, begin: begin, seconds: seconds)
        } throws: { "\($0)".contains("A capture begins at 0 to 86400 s") }
    }

    @Test func whatIsNoCaptureIsRefused() throws {
        #expect { try Capture.judge("/nowhere.sr", board: Self.board) } throws: {
            "\($0)".contains("/nowhere.sr cannot be read")
        }
        #expect { try Capture.judge(Self.board, board: Self.board) } throws: {
            "\($0)".contains("sigrok-cli cannot turn the capture")
        }
        #expect { try Capture.judge(Self.board, board: "/nowhere.yaml") } throws: {
            "\($0)".contains("The board file /nowhere.yaml cannot be read")
        }
    }
}
