/// The bytes of a message's fields, little-endian, as long as the message can be: MAVLink 2 leaves zeros at the end away.
package struct Payload: Equatable, Sendable {
    package private(set) var bytes: [UInt8]

    package init(length: Int) { bytes = [UInt8](repeating: 0, count: length) }

    /// What came, filled with zeros; what is longer comes from a newer dialect, whose further fields are not known here.
    package init(_ came: some Collection<UInt8>, length: Int) {
        bytes = Array(came.prefix(length))
        bytes += [UInt8](repeating: 0, count: length - bytes.count)
    }

    /// Without the zeros at the end; never empty.
    package var truncated: ArraySlice<UInt8> {
        let used = bytes.lastIndex { $0 != 0 } ?? 0
        return bytes.prefix(used + 1)
    }

    // MARK: Numbers

    func value<Value: FixedWidthInteger>(at offset: Int) -> Value {
        var value = Value.Magnitude.zero
        for index in (0..<Value.bitWidth / 8).reversed() { value = value << 8 | Value.Magnitude(bytes[offset + index]) }
        return Value(truncatingIfNeeded: value)
    }

    func value(at offset: Int) -> Float { Float(bitPattern: value(at: offset)) }

    func values<Value: FixedWidthInteger>(at offset: Int, count: Int) -> [Value] {
        (0..<count).map { value(at: offset + $0 * (Value.bitWidth / 8)) }
    }

    mutating func put<Value: FixedWidthInteger>(value: Value, at offset: Int) {
        for index in 0..<Value.bitWidth / 8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }

    mutating func put(value: Float, at offset: Int) { put(value: value.bitPattern, at: offset) }

    /// What is missing is zero, what is too much is left away.
    mutating func put<Value: FixedWidthInteger>(values: [Value], at offset: Int, count: Int) {
        for index in 0..<count {
            put(value: index < values.count ? values[index] : 0, at: offset + index * (Value.bitWidth / 8))
        }
    }

    // MARK: Text

    /// Up to its NUL, or all of it: MAVLink's text need not end with one. What is no UTF-8 is repaired.
    func text(at offset: Int, count: Int) -> String {
        String(decoding: bytes[offset..<offset + count].prefix { $0 != 0 }, as: UTF8.self)
    }

    mutating func put(text: String, at offset: Int, count: Int) {
        let encoded = Array(text.utf8.prefix(count))
        put(values: encoded, at: offset, count: count)
    }
}
