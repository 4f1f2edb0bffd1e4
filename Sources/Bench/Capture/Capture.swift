import Agent
import CContract
import CPlatform
import FoundationEssentials
import Simulator

/// A capture in sigrok's format: judged by its wires alone, or made of what the bench's motor chip was told.
package enum Capture {
    /// s for sigrok-cli to turn a capture, some minutes of it.
    private static let turnLimit = 600.0
    /// ns before the first write, so that it is seen whole.
    private static let lead: UInt64 = 1_000_000
    /// Hz of a capture that we write: ten samples a bit at 400 kHz.
    private static let rate = 4_000_000
    /// s: a day.
    private static let beginMax = 86_400.0

    /// Reads the capture `path` and holds it against the board file `board`.
    ///
    /// - Throws: `BenchFault` when either cannot be read, or sigrok-cli is not there.
    package static func judge(_ path: String, board: String) throws(BenchFault) -> CaptureReport {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw BenchFault("The capture \(path) cannot be read; give a file that sigrok-cli or PulseView has saved.")
        }
        var ledger = WireLedger(try self.board(board))
        let dump = FileManager.default.temporaryDirectory.path + "/droneagent-capture-\(UUID()).vcd"
        defer { try? FileManager.default.removeItem(atPath: dump) }
        try turn(["-i", path, "-O", "vcd", "-o", dump])
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: dump), options: .mappedIfSafe)
            try data.withUnsafeBytes { bytes in
                try ValueChanges.read(bytes, lines: CaptureBoard.lines) { ledger.take($0, $1) }
            }
        } catch let fault as BenchFault { throw fault } catch {
            throw BenchFault("The capture \(path) cannot be read: \(fileReason(error))")
        }
        return ledger.ended()
    }

    /// Writes what the motor chip was told as a capture of its wires.
    ///
    /// - Parameters:
    ///   - path: of the capture.
    ///   - log: of the chip.
    ///   - board: file of the board.
    ///   - begin: s behind the first write.
    ///   - seconds: of the capture, at most 60.
    /// - Throws: `BenchFault` when the log cannot be read, has nothing there, or sigrok-cli is not there.
    package static func write(
        _ path: String, motors log: String, board: String, begin: Double, seconds: Double
    ) throws(BenchFault) {
        guard (0...beginMax).contains(begin), seconds > 0, seconds <= 60 else {
            throw BenchFault("A capture begins at 0 to \(Int(beginMax)) s, and is longer than 0 and 60 s at most.")
        }
        let records: [MotorRecord]
        do { records = try RecordFile.read(log) } catch { throw BenchFault("\(error)") }
        guard let first = records.first else { throw BenchFault("The log \(log) has no motor writes.") }
        let from = first.stop - min(first.stop, lead) + UInt64(begin * 1e9)
        let window = from..<from + UInt64(seconds * 1e9)
        let samples = WireSamples(try self.board(board), rate: rate).make(records, window)
        guard !samples.isEmpty else { throw BenchFault("The log \(log) has no motor writes there.") }
        let raw = path + ".raw"
        defer { try? FileManager.default.removeItem(atPath: raw) }
        do { try Data(samples).write(to: URL(fileURLWithPath: raw)) } catch {
            throw BenchFault("\(raw) cannot be written: \(fileReason(error))")
        }
        let names = CaptureBoard.lines.enumerated().map { "\($0)=\($1)" }.joined(separator: ",")
        let format = "binary:numchannels=\(CaptureBoard.lines.count):samplerate=\(rate)"
        try turn(["-I", format, "-i", raw, "-C", names, "-o", path])
    }

    private static func board(_ path: String) throws(BenchFault) -> CaptureBoard {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw BenchFault("The board file \(path) cannot be read.")
        }
        let board: da_board
        do { board = try BoardFile.compile(text, name: path) } catch { throw BenchFault("\(error)") }
        return CaptureBoard(board)
    }

    private static func turn(_ arguments: [String]) throws(BenchFault) {
        let log = FileManager.default.temporaryDirectory.path + "/droneagent-sigrok-\(UUID()).log"
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try Child("sigrok-cli", "/usr/bin/env", ["sigrok-cli"] + arguments, log: log)
        defer { child.stop() }
        try wait("sigrok-cli", turnLimit) { !child.isRunning }
        guard child.exitCode == 0 else {
            let reason = child.output.split(separator: "\n").last.map(String.init) ?? "no reason given"
            throw BenchFault("sigrok-cli cannot turn the capture (\(reason)); install sigrok-cli, and check the file.")
        }
    }
}
