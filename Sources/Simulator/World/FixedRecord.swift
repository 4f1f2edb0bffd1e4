package import Airframe

/// A record of fixed size in a log file, little-endian.
package protocol FixedRecord: Sendable {
    /// First four bytes of a file of such records.
    static var magic: UInt32 { get }
    static var version: UInt16 { get }
    /// Bytes of one record.
    static var size: Int { get }
    func encode(_ bytes: inout ByteWriter)
    init(_ bytes: inout ByteReader)
}

/// Appends little-endian numbers.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func put(_ value: Double) { put(Float(value).bitPattern) }

    package mutating func put(_ value: Vector) {
        for axis in 0..<3 { put(value[axis]) }
    }

    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}

/// Takes little-endian numbers; beyond the end all are 0.
package struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var at: Int

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        at = bytes.startIndex
    }

    package mutating func take<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number {
        var value: Number = 0
        let size = MemoryLayout<Number>.size
        guard at + size <= bytes.endIndex else { return 0 }
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes[at..<at + size]) }
        at += size
        return Number(littleEndian: value)
    }

    /// A 32-bit float.
    package mutating func takeFloat() -> Double { Double(Float(bitPattern: take())) }

    package mutating func takeVector() -> Vector {
        Vector(takeFloat(), takeFloat(), takeFloat())
    }
}
