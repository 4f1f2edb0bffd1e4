import Bench
import CContract
import Contract
import FlightCore
import FlightLog
import Simulator
import Testing

/// What the recorder writes is a ULog that can be read back.
@Suite struct RecorderTests {
    @Test func aFlightIsReadBack() throws {
        let folder = Folder()
        let rig = Rig()
        let ring = Ring(capacity: 2048, filler: TickRecord(sample: da_sample()))
        let recorder = try Recorder(ring, at: FlightRecords(folder.path + "/f.ulg"), board: rig.board)
        _ = rig.prepare { sample, _ in reply(sample, Motors(repeating: sample.mode == 0 ? 0 : 0.25)) }
        rig.connect(1) { sample, _ in reply(sample, Motors(repeating: 0.5)) }
        _ = rig.tick.arm()
        for _ in 0..<500 {
            rig.step()
            #expect(ring.push(rig.tick.record(published: 1, commanded: 2)))
        }
        recorder.drain()
        let log = ULogReader(folder.read("f.ulg"))
        #expect(log.faults.isEmpty && !log.isCut, "\(log.faults)")
        #expect(log.information["char[10] sys_name"] == "droneagent" && log.information["char[4] ver_hw"] == "test")
        let ownership = log.data["ownership"] ?? []
        #expect(ownership.count == 500)
        let ticks = ownership.compactMap { $0["tick"]?[0] }
        #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $1 == $0 + 1 } && ticks.last == Double(rig.number))
        #expect(
            ownership.last?["instance"] == [0] && ownership.last?["standby"] == [-1] && ownership.last?["epoch"] == [1])
        #expect(
            ownership.last?["mode"] == [1] && ownership.last?["origin"] == [1] && ownership.last?["write_result"] == [0]
        )
        #expect(log.data["actuator_motors"]?.last?["control"] == [0.25, 0.25, 0.25, 0.25])
        #expect(
            log.data["shadow_motors_1"]?.count == 500
                && log.data["shadow_motors_1"]?.last?["control"] == [0.5, 0.5, 0.5, 0.5])
        #expect(log.data["shadow_motors_2"] == nil && log.data["vehicle_attitude"]?.count == 100)
        #expect(log.data["battery_status"]?.count == 10)
        let times = ownership.compactMap { $0["timestamp"]?[0] }
        #expect(times == times.sorted())
    }

    /// The failsafe's own log, over a core's restart: where it flew, and nowhere else.
    @Test func whatTheFailsafeAskedForIsReadBack() throws {
        let folder = Folder()
        let rig = Rig()
        let path = folder.path + "/f.ulg"
        func record(_ path: String, _ ticks: Int) throws {
            let ring = Ring(capacity: 2048, filler: TickRecord(sample: da_sample()))
            let recorder = try Recorder(ring, at: FlightRecords(path), board: rig.board)
            for _ in 0..<ticks {
                rig.step()
                #expect(ring.push(rig.tick.record(published: 1, commanded: 2)))
            }
            recorder.drain()
        }
        let controller = TruthController(rig.world.parameters.airframe)
        try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
        try #require(rig.tick.arm() == .none)
        rig.run(50)
        try #require(rig.tick.takeOff(to: 3) == .none)
        try #require(rig.run(until: { rig.mode == .fly }, limit: 5000))
        try record(path, 100)
        #expect(try FailsafeLog.read(path).isEmpty)
        rig.answer[0] = { _, _ in nil }
        try #require(rig.run(until: { rig.mode == .failsafe }, limit: 500))
        let next = Recorder.continuation(of: path)
        #expect(next == path + ".1" && Recorder.continuations(of: path).isEmpty)
        try record(next, 100)
        let log = try FailsafeLog.read(path)
        #expect(log.map(\.tick) == Array(rig.number - 99...rig.number))
        #expect(log.allSatisfy { $0.epoch == rig.tick.arbiter.epoch && $0.epoch > 1 })
        let (written, asked) = (try #require(log.last).motor, rig.tick.failsafeMotors)
        #expect(written.0 == asked[0] && written.1 == asked[1] && written.2 == asked[2] && written.3 == asked[3])
        #expect(log.last?.sample_ns == rig.number * rig.period)
        // A core that was killed leaves a message cut; what is before it counts.
        let bytes = folder.read("f.ulg.1")
        _ = folder.write("f.ulg.1", Array(bytes.dropLast(3)))
        #expect(try FailsafeLog.read(path).count >= 99)
        _ = folder.write("f.ulg.1", [UInt8]("no log at all, but long enough".utf8))
        #expect(sentence { _ = try FailsafeLog.read(path) }.contains("f.ulg.1 is none: no magic"))
        #expect(sentence { _ = try FailsafeLog.read(folder.path + "/g.ulg") }.contains("g.ulg cannot be read"))
    }

    @Test func aFolderThatIsAbsentIsNamed() {
        let ring = Ring(capacity: 2, filler: TickRecord(sample: da_sample()))
        #expect(
            sentence { _ = try Recorder(ring, at: FlightRecords("/nonexistent/f.ulg"), board: testBoard()) }
                .contains("/nonexistent/f.ulg cannot be made"))
    }

    @Test func textAndEmptyTopics() throws {
        let folder = Folder()
        var file = try ULogFile(
            path: folder.path + "/t.ulg", timestamp: 77, topics: [.init("a", ["uint8_t x"])], information: [])
        file.text("hello", timestamp: 80)
        file.data(0, timestamp: 81) { $0.add(UInt8(3)) }
        let isWhole = file.flush()
        #expect(isWhole)
        let log = ULogReader(folder.read("t.ulg"))
        #expect(log.faults.isEmpty && log.start == 77 && log.data["a"]?[0]["x"] == [3])
    }
}
