/// How a ULog's messages lie, by its own definitions (PX4 user guide, "ULog file format").
struct RecordLayout {
    /// A topic's message behind the two bytes of its number.
    struct Topic {
        var name: String
        /// bytes.
        var size: Int
        /// Of each field, bytes.
        var offsets: [String: Int]
    }

    /// Magic, version, time stamp.
    static let headerBytes = 16
    private static let magic: [UInt8] = [0x55, 0x4C, 0x6F, 0x67, 0x01, 0x12, 0x35]
    /// Ten times what the largest data message of a core's record has, and a line of text.
    private static let messageMax = 1024
    /// Values of one field at most.
    private static let arrayMax = 256
    private static let sizes = [
        "uint64_t": 8, "int64_t": 8, "double": 8, "uint32_t": 4, "int32_t": 4, "float": 4, "uint16_t": 2, "int16_t": 2,
        "uint8_t": 1, "int8_t": 1, "bool": 1, "char": 1,
    ]

    private(set) var topics: [UInt16: Topic] = [:]
    /// Of the first data message in the file.
    private(set) var dataOffset = 0

    /// Whether it may become one, as far as it has been written.
    static func isRecord(_ head: [UInt8]) -> Bool { zip(head, magic).allSatisfy { $0 == $1 } }

    /// nil: the head is not whole yet, or this is no ULog.
    init?(_ head: [UInt8]) {
        guard head.starts(with: Self.magic) else { return nil }
        var formats: [String: Topic] = [:]
        var at = Self.headerBytes
        while let (kind, body) = Self.message(head, at) {
            switch kind {
            case UInt8(ascii: "F"):
                let parts = String(decoding: body, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
                guard parts.count == 2, let topic = Self.topic(parts[0], parts[1]) else { return nil }
                formats[parts[0]] = topic
            case UInt8(ascii: "A"):
                guard body.count > 3 else { return nil }
                let number = UInt16(body[body.startIndex + 1]) | UInt16(body[body.startIndex + 2]) << 8
                topics[number] = formats[String(decoding: body.dropFirst(3), as: UTF8.self)]
            case UInt8(ascii: "D"):
                dataOffset = at
                return
            default: break
            }
            at += 3 + body.count
        }
        return nil
    }

    /// The message that begins at `at`; nil: it is not whole.
    static func message(_ bytes: [UInt8], _ at: Int) -> (kind: UInt8, body: ArraySlice<UInt8>)? {
        guard at + 3 <= bytes.count else { return nil }
        let size = Int(bytes[at]) | Int(bytes[at + 1]) << 8
        guard at + 3 + size <= bytes.count else { return nil }
        return (bytes[at + 2], bytes[(at + 3)..<(at + 3 + size)])
    }

    /// Whether what begins at `at` is longer than any message of a core's record, bytes.
    static func isTooLong(_ bytes: [UInt8], _ at: Int) -> Bool {
        at + 1 < bytes.count && Int(bytes[at]) | Int(bytes[at + 1]) << 8 > messageMax
    }

    /// Topic and fields of a data message; nil: it is none.
    func data(_ kind: UInt8, _ body: ArraySlice<UInt8>) -> (topic: Topic, fields: ArraySlice<UInt8>)? {
        guard kind == UInt8(ascii: "D"), body.count >= 2 else { return nil }
        let number = UInt16(body[body.startIndex]) | UInt16(body[body.startIndex + 1]) << 8
        guard let topic = topics[number], body.count == 2 + topic.size else { return nil }
        return (topic, body.dropFirst(2))
    }

    /// Where messages begin, in bytes cut out of the middle of a file: from there on `runLength` data messages stand
    /// one behind the other. nil: nowhere.
    func start(in bytes: [UInt8], runLength: Int = 8) -> Int? {
        // The largest message of a core's record has less than 100 bytes.
        (0..<min(bytes.count, 4096)).first { candidate in
            var at = candidate
            for _ in 0..<runLength {
                guard let (kind, body) = Self.message(bytes, at), data(kind, body) != nil else { return false }
                at += 3 + body.count
            }
            return true
        }
    }

    private static func topic(_ name: String, _ fields: String) -> Topic? {
        var topic = Topic(name: name, size: 0, offsets: [:])
        for field in fields.split(separator: ";") {
            let words = field.split(separator: " ").map(String.init)
            let type = words[0].split(separator: "[")
            guard words.count == 2, let size = type.first.flatMap({ sizes[String($0)] }) else { return nil }
            let count = type.count > 1 ? Int(type[1].dropLast()) ?? 0 : 1
            guard (1...arrayMax).contains(count) else { return nil }
            topic.offsets[words[1]] = topic.size
            topic.size += size * count
        }
        return topic
    }
}

extension RecordLayout.Topic {
    /// nil: there is no such field.
    func float(_ field: String, _ index: Int = 0, _ fields: ArraySlice<UInt8>) -> Float? {
        bits(field, index * 4, 4, fields).map { Float(bitPattern: UInt32($0)) }
    }

    func integer(_ field: String, bytes: Int, _ fields: ArraySlice<UInt8>) -> UInt64? {
        bits(field, 0, bytes, fields)
    }

    private func bits(_ field: String, _ plus: Int, _ count: Int, _ fields: ArraySlice<UInt8>) -> UInt64? {
        guard let offset = offsets[field], offset + plus + count <= fields.count else { return nil }
        let start = fields.startIndex + offset + plus
        return fields[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
