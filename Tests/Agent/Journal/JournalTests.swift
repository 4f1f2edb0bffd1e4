import Agent
import CSQLite
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

    /// In the file as it is, by another hand than the journal's.
    private func write(_ sql: String) {
        var database: OpaquePointer?
        defer { sqlite3_close_v2(database) }
        #expect(sqlite3_open(path, &database) == SQLITE_OK)
        #expect(sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(database)))")
    }

    /// The tables as version 0.1.0 of the package made them, with those of its library.
    @Test func aJournalOfTheFirstPackageGoesOn() throws {
        write(
            """
            CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
            INSERT INTO grdb_migrations VALUES ('1'), ('2');
            CREATE TABLE "updates" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "reference" TEXT NOT NULL, "image" TEXT, "owner"
                TEXT NOT NULL, "candidate" TEXT NOT NULL, "phase" TEXT NOT NULL, "begin" DOUBLE NOT NULL, "end" DOUBLE,
                "outcome" TEXT, "reason" TEXT);
            CREATE TABLE "events" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "update_id" INTEGER REFERENCES "updates"("id"),
                "time" DOUBLE NOT NULL, "phase" TEXT NOT NULL, "text" TEXT NOT NULL);
            CREATE TABLE "instances" ("name" TEXT PRIMARY KEY NOT NULL, "reference" TEXT NOT NULL, "manifest" TEXT NOT NULL,
                "config" TEXT NOT NULL, "role" TEXT NOT NULL, "container" TEXT);
            CREATE TABLE "committed" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "image" TEXT NOT NULL, "time" DOUBLE NOT NULL);
            INSERT INTO updates (reference, owner, candidate, phase, "begin") VALUES ('r/flight:v2', 'flight-1', 'flight-2',
                'syncing', 7.5);
            INSERT INTO events (update_id, time, phase, text) VALUES (1, 7.5, 'pulling', 'begin');
            """)
        let journal = try Journal(path: path)
        let left = try #require(try journal.unfinished())
        #expect(left.id == 1 && left.begin == 7.5 && left.end == nil && left.image == nil)
        #expect(try journal.events(of: 1).map(\.text) == ["begin"])
        try journal.end(1, outcome: "refused", reason: "because.", time: 9)
        #expect(try journal.begin(Self.update(), time: 10) == 2)
    }

    @Test func aDigestThatIsNoneIsOneSentence() throws {
        let journal = try Journal(path: path)
        try journal.save(
            InstanceRecord(name: "flight-1", image: PullProgressTests.image(), role: .owner, container: nil))
        write("UPDATE instances SET manifest = 'sha256:beef'")
        let fault = try #require(throws: Fault.self) { try journal.instances() }
        #expect(fault.sentence.contains("flight-1") && fault.sentence.contains(path))
        try journal.forget(instance: "flight-1")
        #expect(try journal.instances().isEmpty)
    }

    /// What is not whole is not at all: the end of an update that was never begun has an event, which belongs to nothing.
    @Test func aTransactionThatFailsLeavesNothing() throws {
        let journal = try Journal(path: path)
        #expect(throws: Fault.self) {
            try journal.end(7, outcome: "updated", reason: "", time: 1, committed: PullProgressTests.image())
        }
        #expect(try journal.committed().current == nil)
        #expect(try journal.begin(Self.update(), time: 2) == 1, "and the next one is written")
    }

    @Test func aFileThatIsNoJournalIsOneSentence() throws {
        try Data("this is no database, and long enough to be looked at".utf8).write(to: URL(fileURLWithPath: path))
        let fault = try #require(throws: Fault.self) { try Journal(path: path) }
        #expect(fault.sentence.contains(path))
        #expect(throws: Fault.self) { try Journal(path: "/nonexistent/journal.sqlite") }
    }
}
