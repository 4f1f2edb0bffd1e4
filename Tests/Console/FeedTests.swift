import Agent
import Console
import FoundationEssentials
import NIOCore
import Synchronization
import Testing

/// What a browser that comes late is told, and what becomes of one that does not read.
@Suite struct FeedTests {
    private func history(_ feed: Feed) throws -> History {
        try JSONDecoder().decode(History.self, from: Data(feed.history))
    }

    @Test("The history is the newest ten minutes, oldest first") func ring() throws {
        let feed = Feed()
        for time in 0..<(Feed.momentsMax + 2500) { feed.add(Moment(time: Int64(time))) }
        let times = try history(feed).moments.compactMap { $0.first.flatMap(\.self) }
        #expect(times == (2500..<(Feed.momentsMax + 2500)).map(Double.init))
    }

    @Test("A moment has a number for each curve, and null where one is not known") func moment() throws {
        let feed = Feed()
        var moment = Moment(time: 5)
        moment[.height] = 1.23456
        moment[.motor4] = 50
        moment[.roll] = .infinity
        feed.add(moment)
        let history = try history(feed)
        let row = try #require(history.moments.first)
        #expect(history.curves.count == Curve.allCases.count && row.count == Curve.allCases.count + 1)
        #expect(row[0] == 5 && row[1 + Curve.height.rawValue] == 1.235 && row[1 + Curve.motor4.rawValue] == 50)
        #expect(row[1 + Curve.roll.rawValue] == nil && row[1 + Curve.yaw.rawValue] == nil)
        #expect(history.curves[Curve.motor4.rawValue] == ["label": "motor 4", "unit": "%"])
    }

    @Test("The log keeps the newest lines") func entries() throws {
        let feed = Feed()
        for number in 0..<(Feed.entriesMax + 7) { feed.add(.note, "\(number)", at: 0) }
        let texts = try history(feed).entries.map(\.text)
        #expect(texts == (7..<(Feed.entriesMax + 7)).map(String.init))
    }

    @Test("Who does not read is let go; the others go on") func slow() async throws {
        let feed = Feed()
        let gone = Mutex(0)
        let (_, slow) = try feed.join { gone.withLock { $0 += 1 } }
        for time in 0..<Feed.waitingMax { feed.add(Moment(time: Int64(time))) }
        #expect(feed.clientCount == 1 && gone.withLock { $0 } == 0)
        let (_, quick) = try feed.join {}
        feed.add(.note, "One too many for the slow one.", at: 0)
        #expect(feed.clientCount == 1 && gone.withLock { $0 } == 1)
        var count = 0
        for await _ in slow { count += 1 }
        #expect(count == Feed.waitingMax)
        var events = quick.makeAsyncIterator()
        let event = try #require(await events.next())
        #expect(String(buffer: event).hasPrefix("event: entry\ndata: {") && String(buffer: event).hasSuffix("}\n\n"))
    }

    @Test("There is room for so many pages, and again for one that left") func places() throws {
        let feed = Feed()
        let first = try feed.join {}
        for _ in 1..<Feed.clientsMax { _ = try feed.join {} }
        let refusal = #expect(throws: Refusal.self) { try feed.join {} }
        #expect(refusal?.status == 503 && refusal?.sentence.contains("close one") == true)
        feed.leave(first.id)
        _ = try feed.join {}
    }
}

/// As the page reads it.
struct History: Decodable {
    var curves: [[String: String]]
    var moments: [[Double?]]
    var entries: [Feed.Entry]
    var state: State?

    struct State: Decodable {
        var time: Int64
        var core: CoreReport?
        var coreFault: String?
        var ownerSince: Int64?
        var agent: StatusReport?
        var agentFault: String?
        var recordFault: String?
        var update: Timeline?

        private enum CodingKeys: String, CodingKey {
            case time, core, agent, update
            case coreFault = "core_fault"
            case ownerSince = "owner_since"
            case agentFault = "agent_fault"
            case recordFault = "record_fault"
        }
    }
}
