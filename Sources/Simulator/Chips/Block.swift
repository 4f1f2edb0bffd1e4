/// The data bytes of one transfer: at most 32, as SMBus has it. No allocation.
package struct Block: Sendable, ExpressibleByArrayLiteral, Equatable {
    package static let limit = 32

    private var storage = InlineArray<32, UInt8>(repeating: 0)
    package let count: Int

    /// `count` zeros; more than 32 are cut.
    package init(count: Int) {
        self.count = max(0, min(Self.limit, count))
    }

    package init(arrayLiteral elements: UInt8...) {
        self.init(count: elements.count)
        for index in 0..<count { storage[index] = elements[index] }
    }

    package init(_ bytes: UnsafePointer<UInt8>, count: Int) {
        self.init(count: count)
        for index in 0..<self.count { storage[index] = bytes[index] }
    }

    package subscript(_ index: Int) -> UInt8 {
        get { storage[index] }
        set { storage[index] = newValue }
    }

    package func copy(to bytes: UnsafeMutablePointer<UInt8>) {
        for index in 0..<count { bytes[index] = storage[index] }
    }

    /// The first `count` bytes.
    package func prefix(_ count: Int) -> Block {
        var shorter = Block(count: min(count, self.count))
        for index in 0..<shorter.count { shorter[index] = storage[index] }
        return shorter
    }

    /// A 16-bit word in the order that most chips use.
    package func bigEndian(at index: Int) -> UInt16 {
        UInt16(storage[index]) << 8 | UInt16(storage[index + 1])
    }

    package static func == (a: Block, b: Block) -> Bool {
        guard a.count == b.count else { return false }
        for index in 0..<a.count where a[index] != b[index] { return false }
        return true
    }
}
