import Airframe
import Glibc
import Simulator
import Testing

@Suite struct RecordFileTests {
    private func temporary(_ name: String) -> String {
        var template = Array("/tmp/records-\(name)-XXXXXX".utf8CString)
        close(mkstemp(&template))
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func someWorld() -> World {
        let world = World(seed: 2)
        let driver = MotorDriver(Master(world))
        for tick in 0..<20 {
            driver.set([0.1, 0.2, 0.3, Double(tick) / 20])
            world.advance(to: world.now + 10_000_000)
        }
        return world
    }

    @Test func motorRecordsComeBackAsTheyWere() throws {
        let world = someWorld()
        let path = temporary("motors")
        defer { unlink(path) }
        var writer = try RecordWriter<MotorRecord>(path, limit: 100)
        try writer.write(world.motorLog.records)
        let read: [MotorRecord] = try RecordFile.read(path)
        #expect(read == world.motorLog.records)
        #expect(read.count == 20)
        let commands = try #require(read.last).commands(pulseMin: 125e-6, pulseMax: 250e-6)
        #expect(abs(commands[3] - 0.95) < 1e-3)
        #expect(read[5].stop > read[4].stop && read[5].effective > read[5].stop)
    }

    @Test func truthRecordsComeBackAsFloats() throws {
        let world = someWorld()
        let path = temporary("truth")
        defer { unlink(path) }
        var writer = try RecordWriter<TruthRecord>(path, limit: 100)
        try writer.write(world.truthLog.records)
        let read: [TruthRecord] = try RecordFile.read(path)
        #expect(read.count == world.truthLog.records.count && read.count >= 19)
        let first = try #require(read.last).truth
        let second = try #require(world.truthLog.records.last).truth
        #expect(first.time == second.time)
        #expect((first.position - second.position).norm < 1e-5)
        #expect(abs(first.rotorSpeed[3] - second.rotorSpeed[3]) < 1e-5)
        #expect(first.onGround == second.onGround)
    }

    @Test func recordsHaveTheSizeTheyDeclare() {
        var bytes = ByteWriter()
        MotorRecord(
            stop: 1, sequence: 2, firstRegister: 6, count: 16, taken: 16, flags: .complete, result: 0
        ).encode(&bytes)
        #expect(bytes.bytes.count == MotorRecord.size)
        var truth = ByteWriter()
        TruthRecord(World(seed: 1).truth).encode(&truth)
        #expect(truth.bytes.count == TruthRecord.size)
    }

    @Test func aTornEndIsLeftOutAndALimitHolds() throws {
        let world = someWorld()
        let path = temporary("torn")
        defer { unlink(path) }
        var writer = try RecordWriter<MotorRecord>(path, limit: 5)
        try writer.write(world.motorLog.records)
        #expect(writer.lost == 15)
        #expect(truncate(path, off_t(16 + 4 * MotorRecord.size + 30)) == 0)
        let read: [MotorRecord] = try RecordFile.read(path)
        #expect(read == Array(world.motorLog.records[..<4]))
    }

    @Test func anotherKindOfFileIsRefused() throws {
        let path = temporary("other")
        defer { unlink(path) }
        _ = try RecordWriter<TruthRecord>(path, limit: 5)
        #expect(throws: RecordFileFault.self) { try RecordFile.read(path, as: MotorRecord.self) }
        #expect(throws: RecordFileFault.self) {
            try RecordFile.read("/nonexistent/file", as: MotorRecord.self)
        }
    }

    @Test func aFullLogCountsWhatItLost() {
        var log = RecordLog<MotorRecord>(capacity: 2)
        let record = MotorRecord(
            stop: 1, sequence: 2, firstRegister: 6, count: 16, taken: 16, flags: .complete, result: 0)
        for _ in 0..<5 { log.append(record) }
        #expect(log.records.count == 2 && log.lost == 3 && log.total == 5)
        var taken: [MotorRecord] = []
        log.drain(into: &taken)
        #expect(taken.count == 2 && log.records.isEmpty)
    }
}
