import CContract

/// Whose copy it is: one of another boot, program file or board is nothing to go on with.
package struct KeptIdentity: BitwiseCopyable, Equatable, Sendable {
    /// The kernel's boot id, 16 bytes.
    package var boot: InlineArray<16, UInt8>
    /// `da_program_identity`.
    package var program: UInt64
    /// `da_board.hash`.
    package var board: UInt64

    package init(boot: InlineArray<16, UInt8>, program: UInt64, board: UInt64) {
        self.boot = boot
        self.program = program
        self.board = board
    }

    package static func == (a: KeptIdentity, b: KeptIdentity) -> Bool {
        for index in 0..<16 where a.boot[index] != b.boot[index] { return false }
        return a.program == b.program && a.board == b.board
    }
}

/// A value in memory that survives its writer, twice: the writer may die at any byte, and one copy is always whole.
///
/// Each write goes to the older copy and is closed with a CRC-32C. One writer; a reader comes when the writer is dead.
package struct KeptCopy<Value: BitwiseCopyable> {
    private struct Head: BitwiseCopyable {
        /// CRC-32C of all that follows it, head and value.
        var checksum: UInt32
        /// Bytes of the value.
        var size: UInt32
        /// CLOCK_MONOTONIC ns. Of two whole copies the later one counts.
        var writtenAt: UInt64
        var identity: KeptIdentity
    }

    private let memory: UnsafeMutableRawPointer
    private let identity: KeptIdentity
    /// The copy to be written next.
    private var next = 0

    private static var headBytes: Int { (MemoryLayout<Head>.stride + 15) & ~15 }
    /// Bytes of one copy, and of both.
    private static var copyBytes: Int { (headBytes + MemoryLayout<Value>.size + 63) & ~63 }
    package static var bytes: Int { 2 * copyBytes }

    /// `memory` has `bytes` bytes, aligned to 64, and outlives this value.
    package init(_ memory: UnsafeMutableRawPointer, _ identity: KeptIdentity) {
        self.memory = memory
        self.identity = identity
        if let newest { next = 1 - newest.index }
    }

    /// The newest whole value of this boot, program and board, and when it was written.
    package var latest: (value: Value, writtenAt: UInt64)? {
        guard let newest else { return nil }
        let place = memory + newest.index * Self.copyBytes
        return ((place + Self.headBytes).loadUnaligned(as: Value.self), newest.writtenAt)
    }

    private var newest: (index: Int, writtenAt: UInt64)? {
        var found: (index: Int, writtenAt: UInt64)?
        for index in 0..<2 {
            let place = memory + index * Self.copyBytes
            let head = place.loadUnaligned(as: Head.self)
            guard head.size == UInt32(MemoryLayout<Value>.size), head.identity == identity,
                head.checksum == Self.checksum(place)
            else { continue }
            if let found, found.writtenAt > head.writtenAt { continue }
            found = (index, head.writtenAt)
        }
        return found
    }

    /// `now` in CLOCK_MONOTONIC ns.
    @inline(__always)
    package mutating func write(_ value: Value, now: UInt64) {
        let place = memory + next * Self.copyBytes
        let head = Head(
            checksum: 0, size: UInt32(truncatingIfNeeded: MemoryLayout<Value>.size), writtenAt: now,
            identity: identity)
        // The old checksum is void from the first changed byte on.
        place.storeBytes(of: head, as: Head.self)
        (place + Self.headBytes).storeBytes(of: value, as: Value.self)
        place.storeBytes(of: Self.checksum(place), as: UInt32.self)
        next = 1 - next
    }

    private static func checksum(_ place: UnsafeMutableRawPointer) -> UInt32 {
        let first = MemoryLayout<UInt32>.size
        return da_crc32c(place + first, UInt64(headBytes - first + MemoryLayout<Value>.size))
    }
}
