internal import Glibc

/// What is wrong with a log file.
package enum RecordFileFault: Error, Equatable, CustomStringConvertible {
    case system(path: String, operation: String, code: Int32)
    case notALog(path: String, found: UInt32, expected: UInt32)
    case version(path: String, found: UInt16, expected: UInt16)

    package var description: String {
        switch self {
        case .system(let path, let operation, let code):
            "Cannot \(operation) the log '\(path)': \(String(cString: strerror(code)))."
        case .notALog(let path, let found, let expected):
            "'\(path)' begins with 0x\(String(found, radix: 16)) instead of 0x\(String(expected, radix: 16)); it is another kind of file."
        case .version(let path, let found, let expected):
            "'\(path)' has version or record size \(found), this program reads \(expected); read it with the program that wrote it."
        }
    }
}

/// A file of fixed records behind a header of 16 bytes: magic (4), version (2), record size (2), zero (8).
package enum RecordFile {
    package static let headerSize = 16

    /// All whole records of the file at `path`; a torn one at its end (a crash) is left out.
    ///
    /// - Throws: `RecordFileFault` if it cannot be read or is of another kind or version.
    package static func read<Record: FixedRecord>(
        _ path: String, as type: Record.Type = Record.self
    ) throws(RecordFileFault) -> [Record] {
        let bytes = try contents(path)
        var header = ByteReader(bytes[...])
        let magic: UInt32 = header.take()
        guard magic == Record.magic else {
            throw .notALog(path: path, found: magic, expected: Record.magic)
        }
        let version: UInt16 = header.take()
        guard version == Record.version else {
            throw .version(path: path, found: version, expected: Record.version)
        }
        let size: UInt16 = header.take()
        guard Int(size) == Record.size else {
            throw .version(path: path, found: size, expected: UInt16(Record.size))
        }
        return stride(from: headerSize, through: bytes.count - Record.size, by: Record.size).map { at in
            var reader = ByteReader(bytes[at..<at + Record.size])
            return Record(&reader)
        }
    }

    /// The newest whole record of a file that is still written; nil: it has none yet.
    ///
    /// - Throws: `RecordFileFault` if it cannot be read.
    package static func newest<Record: FixedRecord>(
        _ path: String, as type: Record.Type = Record.self
    ) throws(RecordFileFault) -> Record? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(path: path, operation: "open", code: errno) }
        defer { close(file) }
        let records = (Int(lseek(file, 0, SEEK_END)) - headerSize) / Record.size
        guard records > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Record.size)
        let got = pread(file, &bytes, bytes.count, off_t(headerSize + (records - 1) * Record.size))
        guard got == bytes.count else {
            throw .system(path: path, operation: "read", code: got < 0 ? errno : EIO)
        }
        var reader = ByteReader(bytes[...])
        return Record(&reader)
    }

    private static func contents(_ path: String) throws(RecordFileFault) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(path: path, operation: "open", code: errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let got = Glibc.read(file, &chunk, chunk.count)
            if got < 0 {
                guard errno == EINTR else { throw .system(path: path, operation: "read", code: errno) }
                continue
            }
            guard got > 0 else { return bytes }
            bytes += chunk[..<got]
        }
    }
}

/// Writes records to a file, at most `limit` of them. Blocks; for a slow thread.
package struct RecordWriter<Record: FixedRecord>: ~Copyable {
    private let path: String
    private let file: Int32
    private var buffer = ByteWriter()
    private var room: Int
    /// Records that the limit kept out.
    package private(set) var lost = 0

    /// Makes the file anew.
    ///
    /// - Throws: `RecordFileFault` if it cannot be made.
    package init(_ path: String, limit: Int) throws(RecordFileFault) {
        self.path = path
        room = limit
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .system(path: path, operation: "create", code: errno) }
        var header = ByteWriter()
        header.put(Record.magic)
        header.put(Record.version)
        header.put(UInt16(Record.size))
        header.put(UInt64(0))
        try Self.drain(&header, to: file, path)
    }

    deinit { close(file) }

    /// - Throws: `RecordFileFault` if the disk does not take them.
    package mutating func write(_ records: [Record]) throws(RecordFileFault) {
        let fitting = min(room, records.count)
        for record in records[..<fitting] { record.encode(&buffer) }
        room -= fitting
        lost += records.count - fitting
        try flush()
    }

    private mutating func flush() throws(RecordFileFault) { try Self.drain(&buffer, to: file, path) }

    private static func drain(_ buffer: inout ByteWriter, to file: Int32, _ path: String) throws(RecordFileFault) {
        var done = 0
        while done < buffer.bytes.count {
            let wrote = buffer.bytes[done...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if wrote < 0 {
                guard errno == EINTR else { throw .system(path: path, operation: "write", code: errno) }
                continue
            }
            done += wrote
        }
        buffer.removeAll()
    }
}
