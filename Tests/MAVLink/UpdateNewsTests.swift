import MAVLink
import Testing

/// What stations are told of an update, however seldom the agent is asked.
@Suite struct UpdateNewsTests {
    private static func update(_ phases: [String], end: String? = nil, id: Int64 = 1, isGood: Bool = true)
        -> UpdateNews.Update
    {
        UpdateNews.Update(id: id, reference: "v2", phases: phases, end: end, isGood: isGood)
    }

    @Test("Each phase is told once, also several at one look") func phases() {
        var news = UpdateNews()
        #expect(news.take(nil).isEmpty)
        let first = news.take(Self.update(["pulling", "verifying"])).map(\.sentence)
        #expect(first == ["Update to v2.", "Update: pulling", "Update: verifying"])
        let none = news.take(Self.update(["pulling", "verifying"]))
        #expect(none.isEmpty)
        let last = news.take(Self.update(["pulling", "verifying", "starting"], end: "v2 flies as flight-2."))
        #expect(last.map(\.sentence) == ["Update: starting", "Update ended: v2 flies as flight-2."])
        #expect(last.map(\.severity) == [6, 5])
    }

    @Test("The agent's restart repeats nothing; a second update begins anew") func second() {
        var news = UpdateNews()
        _ = news.take(nil)
        _ = news.take(Self.update(["pulling"]))
        _ = news.take(nil)
        let again = news.take(Self.update(["pulling"]))
        #expect(again.isEmpty)
        let next = news.take(Self.update(["pulling"], end: "There is no such image.", id: 2, isGood: false))
        #expect(next.map(\.sentence) == ["Update to v2.", "Update: pulling", "Update ended: There is no such image."])
        #expect(next.last?.severity == 4)
    }

    @Test("What was over before the first look is no news") func old() {
        var news = UpdateNews()
        let old = news.take(Self.update(["pulling"], end: "Done."))
        #expect(old.isEmpty)
    }
}
