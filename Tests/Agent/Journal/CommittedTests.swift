import Agent
import Foundation
import Testing

/// What a board boots and goes back to, in real SQLite files.
@Suite struct CommittedTests {
    let folder = TestFolder()
    var path: String { folder.path + "/journal.sqlite" }

    private func image(_ mark: String) throws -> ResolvedImage {
        var image = try PullProgressTests.image()
        image.manifest = try #require(Digest("sha256:" + String(repeating: mark, count: 64)))
        image.reference = "r/flight:\(mark)"
        return image
    }

    @Test func theLastTwoDifferentOnes() throws {
        let journal = try Journal(path: path)
        #expect(try journal.committed().current == nil && journal.committed().previous == nil)
        for mark in ["a", "b", "b", "c", "c"] { try journal.commit(image(mark), time: 1) }
        #expect(try journal.committed().current == image("c") && journal.committed().previous == image("b"))
        try journal.commit(image("b"), time: 2)
        #expect(try journal.committed().current == image("b") && journal.committed().previous == image("c"))
    }

    @Test func anUpdateCommitsWithItsEnd() throws {
        let image = try image("d")
        do {
            let journal = try Journal(path: path)
            let id = try journal.begin(JournalTests.update(), time: 1)
            try journal.resolve(id, image: String(decoding: JSONEncoder().encode(image), as: UTF8.self))
            #expect(try journal.committed().current == nil, "on probation it is not")
            try journal.end(id, outcome: "updated", reason: "it flies.", time: 2, committed: image)
        }
        let journal = try Journal(path: path)
        #expect(try journal.committed().current == image)
        #expect(try journal.resolved(most: 5) == [image] && journal.resolved(most: 0).isEmpty)
    }

    @Test func aHundredCommitsAreBounded() throws {
        let journal = try Journal(path: path)
        for number in 0..<100 { try journal.commit(image(number % 2 == 0 ? "a" : "b"), time: Double(number)) }
        #expect(try journal.committed().current == image("b") && journal.committed().previous == image("a"))
    }
}
