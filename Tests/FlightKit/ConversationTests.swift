import Contract
import FlightKit
import FlightV2
import Testing

@Suite("What a container says on the handover queue, and when")
struct ConversationTests {
    private static let second: UInt64 = 1_000_000_000
    private var talk = Conversation(
        name: "a", version: "1", offers: ReducedAttitudeController.offers, needs: ReducedAttitudeController.needs)

    @Test("It introduces itself at once, and again after each second of silence") mutating func introduction() {
        let first = talk.introduce(now: 5)
        #expect(first.count == 3)
        #expect(first.first == .introduce(name: "a", version: "1"))
        #expect(talk.introduce(now: 6).isEmpty)
        #expect(talk.introduce(now: 5 + Self.second).count == 3)
        #expect(talk.hear(.acknowledge(tick: 1), now: 5 + 2 * Self.second - 1) == nil)
        #expect(talk.introduce(now: 5 + 2 * Self.second).isEmpty)
        #expect(talk.introduce(now: 5 + 3 * Self.second).count == 3)
    }

    @Test("An introduction that found nobody is said again at the next turn") mutating func nobody() {
        #expect(talk.introduce(now: 5).count == 3)
        talk.introductionFailed()
        #expect(talk.introduce(now: 6).count == 3)
    }

    @Test("A full window skips cuts until one is acknowledged; a new stream begins with an empty one")
    mutating func window() {
        #expect(!talk.hasRoom)
        #expect(talk.hear(.stream(interval: 10, window: 2), now: 1) == .stream(interval: 10))
        for tick: UInt64 in [10, 20] {
            #expect(talk.hasRoom)
            talk.sent(cutOf: tick)
        }
        #expect(!talk.hasRoom)
        #expect(talk.hear(.acknowledge(tick: 10), now: 2) == nil)
        #expect(talk.hasRoom)
        talk.sent(cutOf: 40)
        #expect(!talk.hasRoom)
        #expect(talk.hear(.stream(interval: 5, window: 1), now: 3) == .stream(interval: 5))
        #expect(talk.hasRoom)
        #expect(talk.hear(.stream(interval: 0, window: 1), now: 4) == .stream(interval: 0))
        #expect(talk.hear(.stream(interval: 5, window: 0), now: 5) == .stream(interval: 0))
        #expect(!talk.hasRoom)
    }

    @Test("Each cut applied is acknowledged once, and ready once when settled") mutating func acknowledgement() {
        #expect(talk.report(stateTick: 0, isSettled: true).isEmpty)
        #expect(talk.report(stateTick: 7, isSettled: false) == [.acknowledge(tick: 7)])
        #expect(talk.report(stateTick: 7, isSettled: false).isEmpty)
        #expect(talk.report(stateTick: 7, isSettled: true) == [.ready(tick: 7)])
        #expect(talk.report(stateTick: 7, isSettled: true).isEmpty)
        #expect(talk.report(stateTick: 9, isSettled: true) == [.acknowledge(tick: 9), .ready(tick: 9)])
        #expect(talk.report(stateTick: 0, isSettled: false).isEmpty)
        #expect(talk.report(stateTick: 9, isSettled: false) == [.acknowledge(tick: 9)])
    }

    @Test("A cut is taken, retire ends, a container's own kinds are passed over") mutating func others() {
        let cut = StateCut(tick: 3, channels: [])
        #expect(talk.hear(.cut(cut), now: 1) == .take(cut))
        #expect(talk.hear(.retire, now: 1) == .end)
        #expect(talk.hear(.ready(tick: 1), now: 1) == nil)
        #expect(talk.hear(.introduce(name: "b", version: "2"), now: 1) == nil)
    }
}
