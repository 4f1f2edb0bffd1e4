import MAVLink
import Testing

/// What stations are told of an update, however seldom the agent is asked.
@Suite struct UpdateNewsTests {
    private static func update(_ phases: [String], end: String? = nil, began: Int64 = 1, isGood: Bool = true)
        -> UpdateNews.Update
    {
        UpdateNews.Update(began: began, reference: "v2", phases: phases, end: end, isGood: isGood)
    }

    @Test("Each phase is told once, also several at one look") func phases() {
        var news = UpdateNews()
        let before = news.take(ended: nil, running: nil)
        #expect(before.isEmpty)
        let first = news.take(ended: nil, running: Self.update(["pulling", "verifying"])).map(\.sentence)
        #expect(first == ["Update to v2.", "Update: pulling", "Update: verifying"])
        let none = news.take(ended: nil, running: Self.update(["pulling", "verifying"]))
        #expect(none.isEmpty)
        let ended = Self.update(["pulling", "verifying", "starting"], end: "v2 flies as flight-2.")
        let last = news.take(ended: ended, running: nil)
        #expect(last.map(\.sentence) == ["Update: starting", "Update ended: v2 flies as flight-2."])
        #expect(last.map(\.severity) == [6, 5])
        let again = news.take(ended: ended, running: nil)
        #expect(again.isEmpty)
    }

    @Test("The agent's restart repeats nothing; a second update begins anew, and the first is not told again")
    func second() {
        var news = UpdateNews()
        _ = news.take(ended: nil, running: nil)
        _ = news.take(ended: nil, running: Self.update(["pulling"]))
        _ = news.take(ended: nil, running: nil)
        let again = news.take(ended: nil, running: Self.update(["pulling"]))
        #expect(again.isEmpty)
        let first = Self.update(["pulling"], end: "There is no such image.", isGood: false)
        for phases in [["pulling"], ["pulling", "verifying"]] {
            let told = news.take(ended: first, running: Self.update(phases, began: 2)).map(\.sentence)
            let end = ["Update ended: There is no such image.", "Update to v2.", "Update: pulling"]
            #expect(told == (phases.count == 1 ? end : ["Update: verifying"]))
        }
    }

    @Test("One that began and ended between two looks is told") func short() {
        var news = UpdateNews()
        _ = news.take(ended: nil, running: nil)
        let ended = Self.update(["pulling"], end: "There is no such image.", isGood: false)
        let told = news.take(ended: ended, running: nil)
        #expect(told.map(\.sentence) == ["Update to v2.", "Update: pulling", "Update ended: There is no such image."])
        #expect(told.last?.severity == 4)
    }

    @Test("What was over before the first look is no news") func old() {
        var news = UpdateNews()
        let old = news.take(ended: Self.update(["pulling"], end: "Done."), running: nil)
        #expect(old.isEmpty)
    }
}
