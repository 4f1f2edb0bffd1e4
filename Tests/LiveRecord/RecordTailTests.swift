import Agent
import CContract
import Contract
import FlightCore
import Foundation
import LiveRecord
import Testing

/// The flight log of the core's own recorder, read while it is written.
@Suite struct RecordTailTests {
    let folder = TestFolder()
    var path: String { folder.path + "/flight.ulg" }

    /// The shipped recorder, fed by hand.
    private final class Writer {
        private let ring = Ring(capacity: 1024, filler: TickRecord(sample: da_sample()))
        private let recorder: Recorder
        private var tick: UInt64 = 0

        init(_ path: String) throws {
            var board = da_board()
            fill(&board.name, with: "test")
            recorder = try Recorder(ring, at: FlightRecords(path), board: board)
        }

        /// Ticks of 2 ms, `motor` in all four; the last one's write comes `late` us late.
        func fly(_ ticks: Int, motor: Float, late: UInt64 = 0) {
            for number in 0..<ticks {
                tick += 1
                var sample = da_sample()
                sample.tick = tick
                sample.scheduled_ns = tick * 2_000_000
                sample.gyro = (0.1, 0.2, 0.3)
                var record = TickRecord(sample: sample)
                record.motors = Motors(repeating: motor)
                record.attitude = Quaternion(0.96891242, 0.24740396, 0, 0)  // half a radian to the right
                record.written = sample.scheduled_ns + 400_000 + (number == ticks - 1 ? late * 1000 : 0)
                while !ring.push(record) { recorder.drain() }
            }
            recorder.drain()
        }
    }

    @Test("Motors, rates and attitude are the newest of what came") func newest() throws {
        let writer = try Writer(path)
        var tail = RecordTail(path: path)
        defer { tail.close() }
        writer.fly(50, motor: 0.25)
        let values = try #require(try tail.look())
        #expect(values.motors == [0.25, 0.25, 0.25, 0.25] && values.rates == Vector3(0.1, 0.2, 0.3))
        #expect(abs((values.roll ?? 0) - 0.5) < 1e-5 && abs(values.pitch ?? 1) < 1e-5 && abs(values.yaw ?? 1) < 1e-5)
        #expect(values.gap == 2)
        let nothing = try tail.look()
        #expect(nothing == nil)
        writer.fly(50, motor: 0.5, late: 700)
        let later = try #require(try tail.look())
        #expect(later.motors == [0.5, 0.5, 0.5, 0.5] && later.gap == 2.7)
    }

    @Test("What is recorded more rarely stays known while the log goes on") func kept() throws {
        let writer = try Writer(path)
        var newest = NewestRecord(path: path)
        defer { newest.close() }
        writer.fly(50, motor: 0.25)
        try newest.look()
        // Rates are written every fifth tick, and not in this one.
        writer.fly(1, motor: 0.5)
        let new = try newest.look()
        #expect(new?.motors == [0.5, 0.5, 0.5, 0.5] && new?.rates == nil)
        #expect(newest.values.motors == new?.motors && newest.values.rates == Vector3(0.1, 0.2, 0.3))
        #expect(newest.values.gap == new?.gap)
        let nothing = try newest.look()
        #expect(nothing == nil && newest.values == RecordTail.Values())
    }

    @Test("In a folder it follows the newest flight, and shows none that is over") func flights() throws {
        let flights = folder.path + "/flights/"
        try FileManager.default.createDirectory(atPath: flights, withIntermediateDirectories: true)
        var tail = RecordTail(path: flights)
        defer { tail.close() }
        #expect(throws: Fault.self) { _ = try tail.look() }
        let first = try Writer(flights + "flight-00009.ulg")
        first.fly(50, motor: 0.25)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: flights + "flight-00009.ulg")
        let over = try tail.look()
        #expect(over == nil)
        let second = try Writer(flights + "flight-00010.ulg")
        second.fly(50, motor: 0.5)
        var values: RecordTail.Values?
        for _ in 0..<15 where values == nil { values = try tail.look() }
        #expect(values?.motors == [0.5, 0.5, 0.5, 0.5])
    }

    @Test("Who comes late to a long log begins near its end") func late() throws {
        let writer = try Writer(path)
        writer.fly(20_000, motor: 0.25)
        writer.fly(10, motor: 0.75)
        var tail = RecordTail(path: path)
        defer { tail.close() }
        let values = try #require(try tail.look())
        #expect(values.motors == [0.75, 0.75, 0.75, 0.75] && values.gap == 2)
    }

    @Test("A message that is written by halves is waited for") func halves() throws {
        let whole = folder.path + "/whole.ulg"
        try Writer(whole).fly(40, motor: 0.25)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        try bytes.prefix(bytes.count - 7).write(to: URL(fileURLWithPath: path))
        var tail = RecordTail(path: path)
        defer { tail.close() }
        _ = try tail.look()
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: bytes.suffix(7))
        try file.close()
        let values = try tail.look()
        #expect(values != nil)
    }

    @Test("A core that begins anew, and one that takes the flight up, are followed") func successors() throws {
        try Writer(path).fly(500, motor: 0.25)
        var tail = RecordTail(path: path)
        defer { tail.close() }
        _ = try tail.look()
        try Writer(path).fly(20, motor: 0.5)
        let anew = try #require(try tail.look())
        #expect(anew.motors == [0.5, 0.5, 0.5, 0.5])
        try Writer(Recorder.continuation(of: path)).fly(20, motor: 0.75)
        var found: [Float]?
        for _ in 0..<20 where found == nil { found = try tail.look()?.motors }
        #expect(found == [0.75, 0.75, 0.75, 0.75])
    }

    /// The sentence of a look that fails.
    private func fault(_ tail: inout RecordTail) -> String? {
        do throws(Fault) {
            _ = try tail.look()
            return nil
        } catch { return error.sentence }
    }

    @Test("No log, and what is none, are said in a sentence") func faults() throws {
        var tail = RecordTail(path: path)
        defer { tail.close() }
        let absent = fault(&tail)
        #expect(absent?.contains("--record") == true && absent?.contains(path) == true)
        try Data("not a log at all".utf8).write(to: URL(fileURLWithPath: path))
        let wrong = fault(&tail)
        #expect(wrong?.contains("is no ULog") == true)
    }

    @Test("Bytes that are missing in the middle, as a full disk leaves it, cost one look") func brokenRun() throws {
        let whole = folder.path + "/whole.ulg"
        try Writer(whole).fly(600, motor: 0.25)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        let (third, two) = (bytes.count / 3, bytes.count * 2 / 3)
        try bytes[..<third].write(to: URL(fileURLWithPath: path))
        var tail = RecordTail(path: path)
        defer { tail.close() }
        _ = try tail.look()
        let file = try #require(FileHandle(forWritingAtPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: bytes[(third + 5)..<two])
        _ = try tail.look()
        try file.write(contentsOf: bytes[two...])
        let values = try #require(try tail.look())
        #expect(values.motors == [0.25, 0.25, 0.25, 0.25])
    }
}
