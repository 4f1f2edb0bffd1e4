import CRecorder
import Foundation
import Synchronization

/// What SQLite did to the files of one folder, in order.
enum JournalWrite: Equatable {
    case create(path: String)
    case write(path: String, offset: Int, bytes: [UInt8])
    case truncate(path: String, length: Int)
    case sync(path: String)
    case delete(path: String, isSynced: Bool)
    /// The test's own: so many operations were through, as their caller was told.
    case done(Int)
}

/// Records them in this process; other folders are passed through.
enum JournalRecorder {
    static let folder = NSTemporaryDirectory() + "droneagent-cut-\(getpid())"
    private static let writes = Mutex<[JournalWrite]>([])

    /// Installed once for all tests of the process.
    static let isInstalled: Bool =
        da_recorder_install(folder) { what, path, offset, bytes, count in
            let path = String(cString: path)
            switch what {
            case Int32(DA_RECORDED_CREATE.rawValue): note(.create(path: path))
            case Int32(DA_RECORDED_WRITE.rawValue):
                let copy = Array(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
                note(.write(path: path, offset: Int(offset), bytes: copy))
            case Int32(DA_RECORDED_TRUNCATE.rawValue): note(.truncate(path: path, length: Int(count)))
            case Int32(DA_RECORDED_SYNC.rawValue): note(.sync(path: path))
            default: note(.delete(path: path, isSynced: offset != 0))
            }
        } == 0

    static func note(_ write: JournalWrite) { writes.withLock { $0.append(write) } }
    static var all: [JournalWrite] { writes.withLock { $0 } }
}

/// A folder's files as a disk holds them: what was synced lasts, of the rest any part may.
struct CutDisk {
    /// What becomes at the cut of what was not synced.
    enum Loss: CaseIterable {
        case all
        case none
        /// Every other write reached the disk.
        case half
    }

    private struct File {
        /// nil: there is none.
        var lasting: [UInt8]?
        var present: [UInt8]?
        /// Since the last sync.
        var pending: [JournalWrite] = []
    }

    private var files: [String: File] = [:]
    /// A disk that lies: nothing is ever synced. A test that passes with it proves nothing.
    var lies = false

    mutating func take(_ write: JournalWrite) {
        switch write {
        case .create(let path):
            change(path, write) { $0 = $0 ?? [] }
        case .write(let path, _, _), .truncate(let path, _):
            change(path, write) { Self.apply(write, to: &$0) }
        case .sync(let path):
            // The folder's entry too, at a new file's first (unixSync of SQLite's os_unix.c).
            guard !lies else { return }
            var file = files[path] ?? File()
            (file.lasting, file.pending) = (file.present, [])
            files[path] = file
        case .delete(let path, let isSynced):
            change(path, write) { $0 = nil }
            guard isSynced, !lies else { return }
            files[path] = File()
        case .done: break
        }
    }

    private mutating func change(_ path: String, _ write: JournalWrite, _ body: (inout [UInt8]?) -> Void) {
        var file = files[path] ?? File()
        body(&file.present)
        file.pending.append(write)
        files[path] = file
    }

    private static func apply(_ write: JournalWrite, to content: inout [UInt8]?) {
        switch write {
        case .create: content = content ?? []
        case .write(_, let offset, let bytes):
            var old = content ?? []
            if old.count < offset + bytes.count {
                old += [UInt8](repeating: 0, count: offset + bytes.count - old.count)
            }
            old.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            content = old
        case .truncate(_, let length): content = content.map { Array($0.prefix(length)) }
        case .delete: content = nil
        case .sync, .done: break
        }
    }

    /// The files behind a cut, by name.
    func left(_ loss: Loss) -> [String: [UInt8]] {
        var left: [String: [UInt8]] = [:]
        for (path, file) in files {
            let name = URL(fileURLWithPath: path).lastPathComponent
            switch loss {
            case .all: left[name] = file.lasting
            case .none: left[name] = file.present
            case .half:
                var content = file.lasting
                for (index, write) in file.pending.enumerated() where index % 2 == 0 {
                    Self.apply(write, to: &content)
                }
                left[name] = content
            }
        }
        return left
    }
}
