import Agent
import Foundation
import Handover
import Testing

/// Power is cut at every single thing that SQLite does to the journal's files, and what was not synced is lost, kept or
/// torn: the next agent finds what stood before the operation under way or behind it, and all that was through.
@Suite struct PowerCutTests {
    /// All that an agent reads at its start.
    private struct Content: Equatable {
        var unfinished: UpdateRecord?
        var last: UpdateRecord?
        var phases: [String] = []
        var instances: [InstanceRecord]
        var committed: [ResolvedImage?]

        init(_ journal: Journal) throws {
            unfinished = try journal.unfinished()
            last = try journal.lastUpdate()
            if let id = last?.id { phases = try journal.events(of: id).map(\.phase) }
            instances = try journal.instances()
            let kept = try journal.committed()
            committed = [kept.current, kept.previous]
        }
    }

    /// What one update writes down, and the recovery from it.
    private static func operations(_ image: ResolvedImage) -> [(Journal) throws -> Void] {
        [
            { try $0.save(InstanceRecord(name: "flight-1", image: image, role: .owner, container: "abc")) },
            { _ = try $0.begin(JournalTests.update(), time: 10) },
            { try $0.resolve(1, image: image.pullReference) },
            { try $0.save(InstanceRecord(name: "flight-2", image: image, role: .candidate, container: nil)) },
            { try $0.save(InstanceRecord(name: "flight-2", image: image, role: .candidate, container: "def")) },
            { try $0.advance(1, phase: "syncing", text: String(repeating: "cuts ", count: 2000), time: 11) },
            { try $0.advance(1, phase: "probation", text: "", time: 12) },
            { try $0.setRole(.standby, of: "flight-1") },
            { try $0.setRole(.owner, of: "flight-2") },
            { try $0.end(1, outcome: "updated", reason: "It flies.", time: 13, committed: image) },
            { try $0.forget(instance: "flight-1") },
        ]
    }

    @Test func atEveryWriteTheJournalIsAsBeforeOrBehindIt() throws {
        try #require(JournalRecorder.isInstalled)
        let files = FileManager.default
        try files.createDirectory(atPath: JournalRecorder.folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: JournalRecorder.folder) }
        var contents: [Content] = []
        do {
            let journal = try Journal(path: JournalRecorder.folder + "/journal.sqlite")
            contents.append(try Content(journal))
            JournalRecorder.note(.done(0))
            for (index, operation) in Self.operations(try PullProgressTests.image()).enumerated() {
                try operation(journal)
                JournalRecorder.note(.done(index + 1))
                contents.append(try Content(journal))
            }
        }
        #expect(zip(contents, contents.dropFirst()).allSatisfy { $0 != $1 }, "each operation shows")
        let writes = JournalRecorder.all
        let (cuts, losses) = try check(writes, contents, lies: false)
        #expect(losses.isEmpty, "\(losses.prefix(3))")
        #expect(cuts > 100, "\(cuts) cuts")
        print("\(cuts) power cuts at \(writes.count) writes of the journal")
        // A disk that syncs nothing loses what was through, and this test would see it.
        #expect(try check(writes, contents, lies: true).losses.isEmpty == false)
    }

    private func check(
        _ writes: [JournalWrite], _ contents: [Content], lies: Bool
    ) throws -> (cuts: Int, losses: [String]) {
        let folder = TestFolder()
        var (disk, through, cuts, losses) = (CutDisk(), -1, 0, [String]())
        disk.lies = lies
        for (index, write) in writes.enumerated() {
            disk.take(write)
            if case .done(let count) = write { through = count }
            for loss in CutDisk.Loss.allCases {
                let place = folder.path + "/\(index)-\(loss)"
                try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
                for (name, bytes) in disk.left(loss) {
                    try Data(bytes).write(to: URL(fileURLWithPath: place + "/" + name))
                }
                cuts += 1
                let may = contents[max(0, through)...min(contents.count - 1, max(0, through + 1))]
                do {
                    let found = try Content(try Journal(path: place + "/journal.sqlite"))
                    if !may.contains(found) { losses.append("write \(index), \(loss) lost, \(through) were through") }
                } catch { losses.append("write \(index), \(loss) lost: \(error)") }
                try FileManager.default.removeItem(atPath: place)
            }
        }
        return (cuts, losses)
    }
}
