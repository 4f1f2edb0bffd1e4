/// Reads a ULog as far as the core writes one, by the format's own description (PX4 user guide, "ULog file format").
package struct ULogReader {
    /// Field names and types by topic.
    package private(set) var formats: [String: [(type: String, name: String)]] = [:]
    package private(set) var information: [String: String] = [:]
    /// Fields by name, of each message of a topic, in their order.
    package private(set) var data: [String: [[String: [Double]]]] = [:]
    /// us.
    package private(set) var start: UInt64 = 0
    /// What does not fit the format.
    package private(set) var faults: [String] = []
    /// The last message is not whole: its writer was killed.
    package private(set) var isCut = false

    /// Values of one field at most.
    private static let arrayLimit = 256

    /// Keeps the data of these topics only; nil: of all.
    package init(_ bytes: [UInt8], topics wanted: Set<String>? = nil) {
        guard bytes.count >= 16, Array(bytes[0..<7]) == [0x55, 0x4C, 0x6F, 0x67, 0x01, 0x12, 0x35] else {
            faults.append("no magic")
            return
        }
        start = Self.number(bytes[8..<16])
        var topics: [UInt64: String] = [:]
        var at = 16
        while at < bytes.count {
            guard at + 3 <= bytes.count else {
                isCut = true
                return
            }
            let size = Int(Self.number(bytes[at..<at + 2]))
            let kind = Character(Unicode.Scalar(bytes[at + 2]))
            guard at + 3 + size <= bytes.count else {
                isCut = true
                return
            }
            let body = bytes[(at + 3)..<(at + 3 + size)]
            at += 3 + size
            switch kind {
            case "B": if size != 40 { faults.append("flag bits of \(size) bytes") }
            case "I":
                let length = Int(body.first ?? 0)
                let key = String(decoding: body.dropFirst().prefix(length), as: UTF8.self)
                information[key] = String(decoding: body.dropFirst(1 + length), as: UTF8.self)
            case "F":
                let parts = String(decoding: body, as: UTF8.self).split(separator: ":", maxSplits: 1)
                let fields = parts.last?.split(separator: ";").map { $0.split(separator: " ").map(String.init) } ?? []
                guard parts.count == 2, fields.allSatisfy({ $0.count == 2 }) else {
                    faults.append("a format that is none")
                    continue
                }
                formats[String(parts[0])] = fields.map { ($0[0], $0[1]) }
            case "A":
                topics[Self.number(body.dropFirst().prefix(2))] = String(decoding: body.dropFirst(3), as: UTF8.self)
            case "D":
                guard let topic = topics[Self.number(body.prefix(2))] else {
                    faults.append("data of no topic")
                    continue
                }
                if wanted?.contains(topic) ?? true { read(topic, body.dropFirst(2)) }
            case "L": break
            default: faults.append("a message '\(kind)'")
            }
        }
    }

    private mutating func read(_ topic: String, _ body: ArraySlice<UInt8>) {
        var rest = body
        var fields: [String: [Double]] = [:]
        for (type, name) in formats[topic] ?? [] {
            let parts = type.split(separator: "[")
            let count = parts.count > 1 ? Int(parts[1].dropLast()) ?? 0 : 1
            guard (1...Self.arrayLimit).contains(count) else { return faults.append("\(topic).\(name) is no field") }
            let sizes = ["uint64_t": 8, "float": 4, "int16_t": 2, "uint8_t": 1, "int8_t": 1]
            guard let size = sizes[String(parts[0])], rest.count >= size * count else {
                return faults.append("\(topic).\(name) does not fit")
            }
            fields[name] = (0..<count).map { _ in
                let raw = Self.number(rest.prefix(size))
                rest = rest.dropFirst(size)
                switch parts[0] {
                case "float": return Double(Float(bitPattern: UInt32(raw)))
                case "int16_t": return Double(Int16(bitPattern: UInt16(raw)))
                case "int8_t": return Double(Int8(bitPattern: UInt8(raw)))
                default: return Double(raw)
                }
            }
        }
        if !rest.isEmpty { faults.append("\(topic) has \(rest.count) bytes left") }
        data[topic, default: []].append(fields)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
