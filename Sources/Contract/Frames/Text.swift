/// Text of a fixed C array of characters: up to its NUL, invalid UTF-8 repaired.
///
/// Allocates; not for the tick.
@inlinable
public func text<Field: BitwiseCopyable>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// Writes `string` into a fixed C array of characters, cut at a character's border so that a NUL ends it.
@inlinable
public func fill<Field: BitwiseCopyable>(_ field: inout Field, with string: String) {
    withUnsafeMutableBytes(of: &field) { bytes in
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        var at = 0
        for character in string {
            let encoded = Array(String(character).utf8)
            guard at + encoded.count < bytes.count else { return }
            for byte in encoded {
                bytes[at] = byte
                at += 1
            }
        }
    }
}

/// Without control characters, and so in one line: names and files come from others, who must not steer a terminal or
/// break a sentence.
package func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.isControl ? "?" : $0 }))
}

extension Unicode.Scalar.Properties {
    fileprivate var isControl: Bool {
        generalCategory == .control || generalCategory == .format || generalCategory == .lineSeparator
            || generalCategory == .paragraphSeparator
    }
}
