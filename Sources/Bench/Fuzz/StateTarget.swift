import Agent
import CContract
import FlightCore
import FoundationEssentials
import Handover

/// A file in a folder of its own, in memory where the machine has such a place: many thousands are written.
private final class FuzzFile {
    let folder: URL

    init() {
        let memory = "/dev/shm"
        let place =
            FileManager.default.isWritableFile(atPath: memory)
            ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
        folder = place.appendingPathComponent("fuzz-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.path + "/" + name }

    func write(_ bytes: [UInt8], _ name: String) -> Bool {
        FileManager.default.createFile(atPath: path(name), contents: Data(bytes))
    }
}

/// The file in which the core keeps the highest epoch that may be in use.
final class EpochTarget: FuzzTarget {
    private let file = FuzzFile()

    func valid(_ mutation: inout Mutation) -> [UInt8] { Array("\(mutation.pick(1_000_000))\n".utf8) }
    func repaired(_ bytes: [UInt8]) -> [UInt8] { bytes }

    func feed(_ bytes: [UInt8]) -> String? {
        guard file.write(bytes, "epochs") else { return "The file cannot be written." }
        do {
            let epoch = try EpochFile(folder: file.folder.path).read()
            let digits = bytes.prefix { $0 != 0x0A }
            // Nothing is guessed: what is read stands there, digit by digit.
            let stands = String(decoding: digits, as: UTF8.self)
            return UInt64(stands) == epoch ? nil : "'\(stands)' was read as \(epoch)."
        } catch { return isSentence(error.description) ? nil : "A refusal is no sentence: '\(error.description)'." }
    }
}

/// The memory in which the core keeps its flight for the next one: whatever is in it, what comes out was written whole.
final class KeptTarget: FuzzTarget {
    private typealias Kept = KeptCopy<InlineArray<24, UInt64>>

    private let memory = UnsafeMutableRawPointer.allocate(byteCount: Kept.bytes, alignment: 64)
    private let identity = KeptIdentity(boot: .init(repeating: 7), program: 1, board: 2)

    deinit { memory.deallocate() }

    func valid(_ mutation: inout Mutation) -> [UInt8] {
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Kept.bytes)
        var kept = Kept(memory, identity)
        for now in 1...UInt64(mutation.pick(3) + 1) {
            kept.write(.init(repeating: now), now: now)
        }
        return Array(UnsafeRawBufferPointer(start: memory, count: Kept.bytes))
    }

    func repaired(_ bytes: [UInt8]) -> [UInt8] { bytes }

    func feed(_ bytes: [UInt8]) -> String? {
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Kept.bytes)
        memory.copyMemory(from: Array(bytes.prefix(Kept.bytes)), byteCount: min(bytes.count, Kept.bytes))
        guard let (value, writtenAt) = Kept(memory, identity).latest else { return nil }
        for index in 0..<24 where value[index] != writtenAt { return "What was kept at \(writtenAt) came back torn." }
        return (1...3).contains(writtenAt) ? nil : "What came back was never kept."
    }
}

/// The agent's journal, damaged on disk: every question is answered or refused in one sentence.
final class JournalTarget: FuzzTarget {
    private let file = FuzzFile()
    private let whole: [UInt8]

    init() {
        let path = file.path("whole")
        let journal = try? Journal(path: path)
        for number in 0..<3 {
            let record = UpdateRecord(
                reference: "host/flight:v\(number)", owner: "v1", candidate: "v2", phase: "pulling", begin: 1)
            let id = (try? journal?.begin(record, time: 2)) ?? 0
            try? journal?.advance(id, phase: "shadowing", text: "", time: 3)
            if number < 2 { try? journal?.end(id, outcome: "updated", reason: "It flies.", time: 4) }
        }
        whole = (try? Data(contentsOf: URL(fileURLWithPath: path))).map(Array.init) ?? []
    }

    func valid(_: inout Mutation) -> [UInt8] { whole }

    /// SQLite's own mark at the beginning, without which it reads nothing at all.
    func repaired(_ bytes: [UInt8]) -> [UInt8] { Array(whole.prefix(100)) + bytes.dropFirst(100) }

    func feed(_ bytes: [UInt8]) -> String? {
        guard !whole.isEmpty else { return "The journal cannot be made." }
        let name = "journal"
        for leftover in [name, name + "-journal"] { try? FileManager.default.removeItem(atPath: file.path(leftover)) }
        guard file.write(bytes, name) else { return "The file cannot be written." }
        do {
            let journal = try Journal(path: file.path(name))
            for ask in Self.questions { if let fault = answer({ try ask(journal) }) { return fault } }
            return nil
        } catch { return isSentence(error.sentence) ? nil : "A refusal is no sentence: '\(error.sentence)'." }
    }

    /// All that a starting agent asks, and what it writes.
    private static let questions: [@Sendable (Journal) throws -> Void] = [
        { _ = try $0.unfinished() }, { _ = try $0.lastUpdate() }, { _ = try $0.instances() },
        { _ = try $0.instance("v1") }, { _ = try $0.events(of: 1) }, { _ = try $0.committed() },
        { _ = try $0.resolved(most: 4) }, { try $0.advance(3, phase: "undoing", text: "back", time: 5) },
        { try $0.end(3, outcome: "refused", reason: "It was cut off.", time: 6) },
        { try $0.forget(instance: "v2") },
    ]

    private func answer(_ ask: () throws -> Void) -> String? {
        do {
            try ask()
            return nil
        } catch let fault as Agent.Fault {
            return isSentence(fault.sentence) ? nil : "A refusal is no sentence: '\(fault.sentence)'."
        } catch { return "A refusal is no sentence: '\(error)'." }
    }
}
