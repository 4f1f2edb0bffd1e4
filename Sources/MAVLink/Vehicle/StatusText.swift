internal import Contract

/// A sentence as STATUSTEXT: 50 bytes a message, a longer one in parts that carry its number.
struct StatusText {
    /// Bytes of one message.
    private static let partBytes = 50
    /// A sentence has at most so many parts: what is longer is cut.
    private static let partsMax = 6

    private var number: UInt16 = 0

    mutating func contents(_ severity: UInt8, _ sentence: String) -> [Content] {
        let parts = Self.parts(printable(sentence))
        // 0 says that a message stands for itself.
        number = number == .max ? 1 : number + 1
        return parts.enumerated().map { index, part in
            var message = Dialect.Statustext()
            message.severity = severity
            message.text = part
            message.id = parts.count > 1 ? number : 0
            message.chunkSeq = UInt8(index)
            return message.content
        }
    }

    /// Whole characters in each.
    private static func parts(_ sentence: String) -> [String] {
        var parts = [""]
        for character in sentence {
            if parts[parts.count - 1].utf8.count + String(character).utf8.count > partBytes {
                guard parts.count < partsMax else { break }
                parts.append("")
            }
            parts[parts.count - 1].append(character)
        }
        // A full last part would be read on: a shorter one ends the sentence.
        if parts.count > 1, parts[parts.count - 1].utf8.count == partBytes { parts.append("") }
        return parts
    }
}
