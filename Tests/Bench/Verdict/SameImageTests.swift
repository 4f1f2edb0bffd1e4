import Bench
import Testing

/// Which instances of a flight must have done the same.
@Suite struct SameImageTests {
    private typealias SameImage = FlightJudge.SameImage

    private func pairs(_ drivers: [String], _ codes: [Int32], isFirst: Bool = false) -> [SameImage] {
        let updates = codes.enumerated().map { SameImage.Update(shadowBegan: Double($0.offset + 1), code: $0.element) }
        return SameImage.pairs(drivers: drivers, updates: updates, isFirst: isFirst)
    }

    @Test func theFirstUpdateGoesToAnotherImage() {
        #expect(
            pairs(["a", "b", "c"], [0, 0]) == [SameImage(old: "b", new: "c", shadowBegan: 2_000_000_000)])
        #expect(
            pairs(["a", "b"], [0], isFirst: true) == [SameImage(old: "a", new: "b", shadowBegan: 1_000_000_000)])
    }

    @Test func whoWasRefusedNeverDrove() {
        let found = pairs(["a", "b", "c", "d"], [0, 2, 0, 5, 0])
        #expect(found.map(\.old) == ["b", "c"] && found.map(\.new) == ["c", "d"])
        #expect(found.map(\.shadowBegan) == [3_000_000_000, 5_000_000_000])
        // Refused before anything of the new image flew: the next one is no update to the same.
        #expect(pairs(["a", "b", "c"], [2, 0, 0]).map(\.new) == ["c"])
    }

    @Test func behindAWayBackTheFormerOwnerIsUpdated() {
        let found = pairs(["a", "b", "c", "d"], [0, 3, 0])
        #expect(found.map(\.old) == ["b", "b"] && found.map(\.new) == ["c", "d"])
    }

    @Test func whatIsMissingIsNoPair() {
        #expect(pairs([], [0, 0]).isEmpty && pairs(["a"], [0]).isEmpty)
        let unseen = SameImage.pairs(
            drivers: ["a", "b", "c"], updates: [.init(shadowBegan: 1, code: 0), .init(shadowBegan: nil, code: 0)],
            isFirst: false)
        #expect(unseen.isEmpty)
    }
}
