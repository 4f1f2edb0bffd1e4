import CContract
import Contract
import FlightCore
import FlightLog
import Testing

/// A file for each flight, within what the folder may take.
@Suite struct FlightRecordsTests {
    private func records(_ folder: Folder, _ names: [String], bytes: Int) {
        _ = folder.make("r")
        for name in names { _ = folder.write("r/" + name, [UInt8](repeating: 0, count: bytes)) }
    }

    @Test func theOldestMakeRoom() {
        let folder = Folder()
        records(folder, ["flight-00002.ulg", "flight-00010.ulg", "flight-00009.ulg"], bytes: 1000)
        _ = folder.write("r/notes.txt", [1])
        _ = folder.write("r/flight-none.ulg", [1])
        let place = FlightRecords(folder.path + "/r/", folderLimit: 3500, fileLimit: 1000)
        #expect(place.flights.map(\.number) == [2, 9, 10] && place.flights.map(\.bytes) == [1000, 1000, 1000])
        let next = place.next()
        #expect(next.path == folder.path + "/r/flight-00011.ulg" && next.limit == 1000)
        #expect(place.flights.map(\.number) == [9, 10])
        #expect(folder.read("r/notes.txt") == [1] && folder.read("r/flight-none.ulg") == [1])
    }

    @Test func aFlightGetsWhatRoomThereIs() {
        let folder = Folder()
        records(folder, ["flight-00001.ulg"], bytes: 1000)
        let place = FlightRecords(folder.path + "/r/", folderLimit: 700, fileLimit: 1000)
        #expect(place.next().limit == 700 && place.flights.isEmpty)
    }

    @Test func aFolderIsMadeOrNamed() throws {
        let folder = Folder()
        try FlightRecords(folder.path + "/new/").prepare()
        try FlightRecords(folder.path + "/new/").prepare()
        #expect(FlightRecords(folder.path + "/new/").next().path == folder.path + "/new/flight-00001.ulg")
        #expect(
            sentence { try FlightRecords(folder.path + "/a/b/").prepare() }.contains(
                "/a/b/ of the flight records cannot be made"))
    }

    /// Armed, flown and disarmed twice.
    @Test func eachFlightHasAFileOfItsOwn() throws {
        let folder = Folder()
        let place = FlightRecords(folder.path + "/f/")
        let ring = Ring(capacity: 8192, filler: TickRecord(sample: da_sample()))
        let names = InstanceNames()
        names[0] = "v1"
        let recorder = try Recorder(ring, at: place, board: testBoard(), names: names)
        var tick: UInt64 = 0
        func run(_ mode: FlightMode, _ ticks: Int) {
            for _ in 0..<ticks {
                tick += 1
                var sample = da_sample()
                sample.tick = tick
                sample.scheduled_ns = tick * 2_000_000
                sample.mode = mode.rawValue
                sample.owner_epoch = 1
                var record = TickRecord(sample: sample)
                record.owner = 0
                record.origin = mode == .disarmed ? .nobody : .fresh
                #expect(ring.push(record))
            }
            recorder.drain()
        }
        run(.disarmed, 500)
        #expect(place.flights.isEmpty, "nothing is recorded before the first flight")
        run(.fly, 500)
        run(.disarmed, 2000)
        run(.armed, 300)
        run(.disarmed, 300)
        #expect(place.flights.map(\.number) == [1, 2])
        let first = ULogReader(folder.read("f/flight-00001.ulg"))
        #expect(first.faults.isEmpty && !first.isCut)
        let ticks = first.data["ownership"]?.compactMap { $0["tick"]?.first } ?? []
        // It begins before the arming, and two seconds go on behind the disarming.
        #expect(ticks.first == 1 && ticks.last == 1999 && ticks.count == 1999)
        let second = ULogReader(folder.read("f/flight-00002.ulg"))
        #expect(second.data["ownership"]?.first?["tick"] == [2001] && second.data["ownership"]?.count == 1600)
        #expect(second.data["owner"]?.count == 1 && second.data["owner"]?.first?["name"]?.prefix(3) == [118, 49, 0])
    }

    @Test func aFullFileIsFollowedByTheNext() throws {
        let folder = Folder()
        let place = FlightRecords(folder.path + "/f/", folderLimit: 300_000, fileLimit: 60_000)
        let ring = Ring(capacity: 8192, filler: TickRecord(sample: da_sample()))
        let recorder = try Recorder(ring, at: place, board: testBoard())
        for tick in 1...4000 {
            var sample = da_sample()
            sample.tick = UInt64(tick)
            sample.scheduled_ns = UInt64(tick) * 2_000_000
            sample.mode = FlightMode.fly.rawValue
            var record = TickRecord(sample: sample)
            record.origin = .fresh
            #expect(ring.push(record))
            if tick % 100 == 0 { recorder.drain() }
        }
        recorder.drain()
        let flights = place.flights
        #expect(flights.count > 2 && flights.count <= 5 && flights.reduce(0) { $0 + $1.bytes } <= 300_000 + 1000)
        #expect((flights.first?.number ?? 0) > 1, "the oldest are gone")
        // No tick is lost from one file to the next.
        var ticks: [Double] = []
        for flight in flights {
            let log = ULogReader(folder.read(String(flight.path.dropFirst(folder.path.count + 1))))
            #expect(log.faults.isEmpty && !log.isCut)
            ticks += log.data["ownership"]?.compactMap { $0["tick"]?.first } ?? []
        }
        #expect(ticks.last == 4000 && zip(ticks, ticks.dropFirst()).allSatisfy { $1 == $0 + 1 })
    }
}
