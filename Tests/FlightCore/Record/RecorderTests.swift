import CContract
import Contract
import FlightCore
import Testing

/// What the recorder writes is a ULog that can be read back.
@Suite struct RecorderTests {
    @Test func aFlightIsReadBack() throws {
        let folder = Folder()
        let rig = Rig()
        let ring = Ring(capacity: 2048, filler: TickRecord(sample: da_sample()))
        let recorder = try Recorder(ring, path: folder.path + "/f.ulg", board: rig.board)
        _ = rig.prepare { sample, _ in reply(sample, Motors(repeating: sample.mode == 0 ? 0 : 0.25)) }
        rig.connect(1) { sample, _ in reply(sample, Motors(repeating: 0.5)) }
        _ = rig.tick.arm()
        for _ in 0..<500 {
            rig.step()
            #expect(ring.push(rig.tick.record(published: 1, commanded: 2)))
        }
        recorder.drain()
        let log = ULogReader(folder.read("f.ulg"))
        #expect(log.faults.isEmpty, "\(log.faults)")
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

    @Test func aFolderThatIsAbsentIsNamed() {
        let ring = Ring(capacity: 2, filler: TickRecord(sample: da_sample()))
        #expect(
            sentence { _ = try Recorder(ring, path: "/nonexistent/f.ulg", board: testBoard()) }
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
