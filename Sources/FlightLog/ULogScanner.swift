/// Reads a ULog message by message (PX4 user guide, "ULog file format"), in the chunks in which it is given, so that a
/// log of hours needs no memory of its size.
package struct ULogScanner {
    /// A value, or an array of `count` of them, in each message of a topic.
    package struct Field: Equatable, Sendable {
        package var name: String
        package var kind: Kind
        package var count: Int
        /// Bytes behind the message's topic number.
        package var offset: Int
    }

    /// The format's types.
    package enum Kind: String, Sendable {
        case int8 = "int8_t"
        case uint8 = "uint8_t"
        case int16 = "int16_t"
        case uint16 = "uint16_t"
        case int32 = "int32_t"
        case uint32 = "uint32_t"
        case int64 = "int64_t"
        case uint64 = "uint64_t"
        case float, double, bool, char

        var size: Int {
            switch self {
            case .int8, .uint8, .bool, .char: 1
            case .int16, .uint16: 2
            case .int32, .uint32, .float: 4
            case .int64, .uint64, .double: 8
            }
        }
    }

    package struct Topic: Sendable {
        package var name: String
        package var fields: [Field]
        fileprivate var byName: [String: Int]

        /// Bytes of a message.
        var size: Int { fields.last.map { $0.offset + $0.kind.size * $0.count } ?? 0 }
    }

    /// One message of data.
    package struct Message {
        package let topic: Topic
        fileprivate let body: ArraySlice<UInt8>

        /// The values of a field; empty where the topic has no such field.
        package func values(_ name: String) -> [Double] {
            guard let field = field(name) else { return [] }
            return (0..<field.count).map { value(field, $0) }
        }

        /// A whole number to its last bit; nil where there is no such field, or none that holds one.
        package func whole(_ name: String) -> UInt64? {
            guard let field = field(name) else { return nil }
            switch field.kind {
            case .uint8, .uint16, .uint32, .uint64: return raw(field, 0)
            default: return UInt64(exactly: value(field, 0))
            }
        }

        /// The first value of a field.
        package func value(_ name: String) -> Double? { field(name).map { value($0, 0) } }

        /// What a field of characters says, up to the first zero.
        package func text(_ name: String) -> String {
            guard let field = field(name), field.kind == .char else { return "" }
            let from = body.startIndex + field.offset
            return String(decoding: body[from..<from + field.count].prefix { $0 != 0 }, as: UTF8.self)
        }

        private func field(_ name: String) -> Field? { topic.byName[name].map { topic.fields[$0] } }

        private func raw(_ field: Field, _ index: Int) -> UInt64 {
            let from = body.startIndex + field.offset + index * field.kind.size
            return number(body[from..<from + field.kind.size])
        }

        private func value(_ field: Field, _ index: Int) -> Double {
            let raw = raw(field, index)
            return switch field.kind {
            case .int8: Double(Int8(truncatingIfNeeded: raw))
            case .int16: Double(Int16(truncatingIfNeeded: raw))
            case .int32: Double(Int32(truncatingIfNeeded: raw))
            case .int64: Double(Int64(truncatingIfNeeded: raw))
            case .uint8, .uint16, .uint32, .uint64, .bool, .char: Double(raw)
            case .float: Double(Float(bitPattern: UInt32(truncatingIfNeeded: raw)))
            case .double: Double(bitPattern: raw)
            }
        }
    }

    /// When the log was begun, us.
    package private(set) var start: UInt64 = 0
    /// Information of any type, by its key, such as "float[22] vehicle".
    package private(set) var facts: [String: [UInt8]] = [:]
    package var information: [String: String] { facts.mapValues { String(decoding: $0, as: UTF8.self) } }
    /// What does not fit the format; the first hundred.
    package private(set) var faults: [String] = []
    /// No message, or a part of one, is left: false when the log's writer was killed.
    package var isWhole: Bool { isBegun && rest.isEmpty }

    private static let magic: [UInt8] = [0x55, 0x4C, 0x6F, 0x67, 0x01, 0x12, 0x35]
    /// Values of one field at most, and fields of one topic.
    private static let arrayLimit = 256
    private static let faultLimit = 100

    private var isBegun = false
    private var formats: [String: Topic] = [:]
    private var topics: [UInt64: Topic] = [:]
    private var rest: ArraySlice<UInt8> = []
    /// No log at all: nothing more is read.
    private var isForeign = false

    package init() {}

    /// Reads on; the messages of data that are whole by now, in their order.
    package mutating func read(_ chunk: [UInt8]) -> [Message] {
        guard !isForeign else { return [] }
        rest += chunk
        if !isBegun {
            guard rest.count >= 16 else { return [] }
            guard rest.prefix(7).elementsEqual(Self.magic) else {
                isForeign = true
                complain("no magic")
                return []
            }
            start = number(rest.dropFirst(8).prefix(8))
            rest = rest.dropFirst(16)
            isBegun = true
        }
        var messages: [Message] = []
        while rest.count >= 3 {
            let size = Int(number(rest.prefix(2)))
            guard rest.count >= 3 + size else { break }
            let kind = rest[rest.startIndex + 2]
            let body = rest.dropFirst(3).prefix(size)
            rest = rest.dropFirst(3 + size)
            if let message = take(kind, body) { messages.append(message) }
        }
        // What was read is let go.
        rest = ArraySlice(Array(rest))
        return messages
    }

    /// Whether what was read so far is no log.
    package var isNone: Bool { isForeign || !isBegun }

    private mutating func take(_ kind: UInt8, _ body: ArraySlice<UInt8>) -> Message? {
        switch Character(Unicode.Scalar(kind)) {
        case "B": if body.count != 40 { complain("flag bits of \(body.count) bytes") }
        case "I":
            let length = Int(body.first ?? 0)
            let key = String(decoding: body.dropFirst().prefix(length), as: UTF8.self)
            facts[key] = Array(body.dropFirst(1 + length))
        case "F": define(String(decoding: body, as: UTF8.self))
        case "A":
            let name = String(decoding: body.dropFirst(3), as: UTF8.self)
            if let topic = formats[name] {
                topics[number(body.dropFirst().prefix(2))] = topic
            } else {
                complain("messages of \(name), which has no format")
            }
        case "D": return data(body)
        // Of other writers: lines of text, parameters, drop-outs, information of several parts, synchronisation.
        case "L", "C", "P", "Q", "O", "M", "S", "R": break
        default: complain("a message of kind \(kind)")
        }
        return nil
    }

    private mutating func data(_ body: ArraySlice<UInt8>) -> Message? {
        guard let topic = topics[number(body.prefix(2))] else {
            complain("data of no topic")
            return nil
        }
        let values = body.dropFirst(2)
        guard values.count == topic.size else {
            complain("\(topic.name) with \(values.count) bytes, not \(topic.size)")
            return nil
        }
        return Message(topic: topic, body: values)
    }

    private mutating func define(_ format: String) {
        let parts = format.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return complain("a format that is none") }
        var topic = Topic(name: String(parts[0]), fields: [], byName: [:])
        for declaration in parts[1].split(separator: ";") {
            let words = declaration.split(separator: " ")
            let type = words.first?.split(separator: "[") ?? []
            let count = type.count > 1 ? Int(type[1].dropLast()) ?? 0 : 1
            guard words.count == 2, let kind = type.first.flatMap({ Kind(rawValue: String($0)) }),
                (1...Self.arrayLimit).contains(count), topic.fields.count < Self.arrayLimit
            else { return complain("\(topic.name) with a field '\(declaration)', which is none") }
            topic.byName[String(words[1])] = topic.fields.count
            topic.fields.append(Field(name: String(words[1]), kind: kind, count: count, offset: topic.size))
        }
        formats[topic.name] = topic
    }

    private mutating func complain(_ fault: String) {
        if faults.count < Self.faultLimit { faults.append(fault) }
    }
}

/// Little-endian, of at most eight bytes.
private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
