import Agent
import Foundation
import Handover
import Testing

/// The journal in real SQLite files.
@Suite struct JournalTests {
    let folder = TestFolder()
    var path: String { folder.path + "/journal.sqlite" }

    static func update(_ reference: String = "r/flight:v2") -> UpdateRecord {
        UpdateRecord(reference: reference, owner: "flight-1", candidate: "flight-2", phase: "pulling", begin: 10)
    }

    @Test func anUpdateIsTakenUpByTheNextAgent() throws {
        let id: Int64
        do {
            let journal = try Journal(path: path)
            id = try journal.begin(Self.update(), time: 10)
            try journal.advance(id, phase: "syncing", text: "cuts", time: 11)
        }
        let journal = try Journal(path: path)
        let left = try #require(try journal.unfinished())
        #expect(left.id == id)
        #expect(left.phase == "syncing")
        #expect(left.owner == "flight-1" && left.candidate == "flight-2")
        try journal.end(id, outcome: "refused", reason: "because.", time: 12)
        #expect(try journal.unfinished() == nil)
        let last = try #require(try journal.lastUpdate())
        #expect(last.outcome == "refused" && last.reason == "because." && last.end == 12)
        #expect(try journal.events(of: id).map(\.phase) == ["pulling", "syncing", "refused"])
    }

    @Test func commitsAreOnTheDiskAtOnce() throws {
        let journal = try Journal(path: path)
        _ = try journal.begin(Self.update(), time: 1)
        // A rollback journal leaves nothing beside the database once a commit is through, and no WAL exists.
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        #expect(!FileManager.default.fileExists(atPath: path + "-journal"))
        let copy = path + ".copy"
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        #expect(try Journal(path: copy).unfinished() != nil)
    }

    @Test func instancesAreRememberedAndForgotten() throws {
        let journal = try Journal(path: path)
        let image = try PullProgressTests.image()
        try journal.save(InstanceRecord(name: "flight-1", image: image, role: .owner, container: nil))
        try journal.save(InstanceRecord(name: "flight-1", image: image, role: .owner, container: "abc"))
        try journal.save(InstanceRecord(name: "flight-2", image: image, role: .candidate, container: "def"))
        try journal.setRole(.standby, of: "flight-1")
        #expect(try journal.instances().map(\.name) == ["flight-1", "flight-2"])
        let first = try #require(try journal.instance("flight-1"))
        #expect(first.container == "abc" && first.role == FlightRole.standby.rawValue)
        #expect(first.manifest == image.manifest)
        try journal.forget(instance: "flight-1")
        #expect(try journal.instance("flight-1") == nil)
    }

    @Test func aFileThatIsNoJournalIsOneSentence() throws {
        try Data("this is no database, and long enough to be looked at".utf8).write(to: URL(fileURLWithPath: path))
        let fault = try #require(throws: Fault.self) { try Journal(path: path) }
        #expect(fault.sentence.contains(path))
        #expect(throws: Fault.self) { try Journal(path: "/nonexistent/journal.sqlite") }
    }
}
