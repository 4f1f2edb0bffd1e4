import Glibc

/// Writes PX4's ULog (file format description of the PX4 user guide, version 1): header, definitions, data.
///
/// Blocking file I/O on the recorder's thread; buffered, and written out by `flush`.
package struct ULogFile: ~Copyable {
    /// A type of message: `fields` as in the format, with the leading time stamp left out.
    package struct Topic: Sendable {
        package let name: String
        package let fields: [String]
        package init(_ name: String, _ fields: [String]) {
            self.name = name
            self.fields = fields
        }
    }

    // All `var`: Swift 6.2 takes the initialiser's calls of mutating methods as changes of a `let`.
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var written = 0
    private var limit: Int

    /// Of at most `limit` bytes; what would go beyond them is not recorded. `information` is text, `figures` are of
    /// any type of the format, such as "float[22] vehicle".
    ///
    /// - Throws: `CoreFault` when the file cannot be made.
    package init(
        path: String, timestamp microseconds: UInt64, topics: [Topic], information: [(String, String)],
        figures: [(key: String, bytes: [UInt8])] = [], limit: Int = FlightRecords.fileLimit
    ) throws(CoreFault) {
        self.limit = limit
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw CoreFault("The flight record \(path) cannot be made: \(reason(-errno)); name a folder that exists.")
        }
        buffer.reserveCapacity(1 << 20)
        // Magic "ULog", 0x01 0x12 0x35, file version 1.
        buffer += [0x55, 0x4C, 0x6F, 0x67, 0x01, 0x12, 0x35, 0x01]
        append(microseconds)
        // Flag bits: none of the compatible or incompatible ones, no appended data.
        message("B", [UInt8](repeating: 0, count: 40))
        for (key, value) in information {
            let typed = Array("char[\(value.utf8.count)] \(key)".utf8)
            message("I", [UInt8(typed.count)] + typed + Array(value.utf8))
        }
        for (key, bytes) in figures { message("I", [UInt8(key.utf8.count)] + Array(key.utf8) + bytes) }
        for topic in topics {
            let fields = (["uint64_t timestamp"] + topic.fields).map { $0 + ";" }.joined()
            message("F", Array("\(topic.name):\(fields)".utf8))
        }
        for (number, topic) in topics.enumerated() {
            message("A", [0, UInt8(number & 255), UInt8(number >> 8)] + Array(topic.name.utf8))
        }
    }

    deinit { close(descriptor) }

    /// Takes no more data.
    package var isFull: Bool { written + buffer.count >= limit }

    /// One data message of topic `number`: time stamp, then what `fields` appends.
    package mutating func data(_ number: UInt16, timestamp microseconds: UInt64, _ fields: (inout Fields) -> Void) {
        guard !isFull else { return }
        var payload = Fields()
        payload.add(microseconds)
        fields(&payload)
        append(UInt16(2 + payload.bytes.count))
        buffer.append(UInt8(ascii: "D"))
        append(number)
        buffer += payload.bytes
    }

    /// A line of text for whoever reads the log.
    package mutating func text(_ line: String, timestamp microseconds: UInt64) {
        let bytes = Array(line.utf8.prefix(200))
        append(UInt16(9 + bytes.count))
        buffer.append(UInt8(ascii: "L"))
        buffer.append(UInt8(ascii: "6"))  // information, as in syslog
        append(microseconds)
        buffer += bytes
    }

    /// Writes out what is buffered. Returns false when the disk refuses; what was buffered is then dropped.
    package mutating func flush() -> Bool {
        var at = 0
        while at < buffer.count {
            let count = buffer.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: at), $0.count - at) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            at += count
        }
        let whole = at == buffer.count
        written += at
        buffer.removeAll(keepingCapacity: true)
        return whole
    }

    /// Waits until what was written out is on the disk.
    package func synchronise() { _ = fdatasync(descriptor) }

    private mutating func message(_ kind: Unicode.Scalar, _ payload: [UInt8]) {
        append(UInt16(payload.count))
        buffer.append(UInt8(ascii: kind))
        buffer += payload
    }

    private mutating func append<Integer: FixedWidthInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
    }

    /// Fields of one message, little-endian and packed.
    package struct Fields {
        fileprivate var bytes: [UInt8] = []
        package mutating func add<Integer: FixedWidthInteger>(_ value: Integer) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        package mutating func add(_ value: Float) { add(value.bitPattern) }
        /// `text` in a field of `count` characters, cut off or filled up with zeros.
        package mutating func add(_ text: String, count: Int) {
            let characters = text.utf8.prefix(count)
            bytes += characters
            bytes += repeatElement(0, count: count - characters.count)
        }
    }
}
