/// CRC-16/MCRF4XX, MAVLink's "X.25" checksum: polynomial 0x1021 reflected, begun with all ones.
package struct Checksum {
    package private(set) var value: UInt16 = 0xFFFF

    package init() {}

    package mutating func add(_ byte: UInt8) {
        var part = byte ^ UInt8(truncatingIfNeeded: value)
        part ^= part << 4
        let wide = UInt16(part)
        value = value >> 8 ^ wide << 8 ^ wide << 3 ^ wide >> 4
    }

    package mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(byte) } }
}
