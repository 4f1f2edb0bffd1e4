import FlightCore
import Testing

/// The memory that outlives its writer: what counts, and what does not.
@Suite struct KeptCopyTests {
    private struct Value: BitwiseCopyable, Equatable {
        var number: UInt64
        var more: (UInt64, UInt64, UInt64) = (1, 2, 3)
        static func == (a: Value, b: Value) -> Bool { a.number == b.number && a.more == b.more }
    }

    /// 64-aligned memory, all zero at first.
    private final class Memory {
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: KeptCopy<Value>.bytes, alignment: 64)
        init() { bytes.initializeMemory(as: UInt8.self, repeating: 0, count: KeptCopy<Value>.bytes) }
        deinit { bytes.deallocate() }
        func copy(_ identity: KeptIdentity = KeptCopyTests.identity()) -> KeptCopy<Value> { KeptCopy(bytes, identity) }
        var image: [UInt8] {
            get { Array(UnsafeRawBufferPointer(start: bytes, count: KeptCopy<Value>.bytes)) }
            set { bytes.copyMemory(from: newValue, byteCount: newValue.count) }
        }
    }

    private static func identity(boot: UInt8 = 1, program: UInt64 = 2, board: UInt64 = 3) -> KeptIdentity {
        KeptIdentity(boot: .init(repeating: boot), program: program, board: board)
    }

    @Test func nothingIsKeptAtFirst() {
        #expect(Memory().copy().latest == nil)
    }

    @Test func theNewestCounts() {
        let memory = Memory()
        var copy = memory.copy()
        for number in UInt64(1)...5 {
            copy.write(Value(number: number), now: 100 + number)
            #expect(memory.copy().latest?.value == Value(number: number))
            #expect(memory.copy().latest?.writtenAt == 100 + number)
        }
        // A later writer goes on without losing what it found, until it has written.
        var next = memory.copy()
        #expect(next.latest?.value.number == 5)
        next.write(Value(number: 9), now: 200)
        #expect(memory.copy().latest?.value.number == 9)
    }

    @Test func anotherBootProgramOrBoardCountsForNothing() {
        let memory = Memory()
        var copy = memory.copy()
        copy.write(Value(number: 1), now: 1)
        #expect(memory.copy(Self.identity(boot: 9)).latest == nil)
        #expect(memory.copy(Self.identity(program: 9)).latest == nil)
        #expect(memory.copy(Self.identity(board: 9)).latest == nil)
        #expect(memory.copy().latest != nil)
    }

    /// The writer dies at any byte of a write: the value before it stands, or the new one, and never a mixture.
    @Test func aTornWriteLeavesTheOneBefore() {
        let memory = Memory()
        var copy = memory.copy()
        copy.write(Value(number: 1), now: 1)
        copy.write(Value(number: 2), now: 2)
        let before = memory.image
        copy.write(Value(number: 3, more: (7, 8, 9)), now: 3)
        let after = memory.image
        let changed = before.indices.filter { before[$0] != after[$0] }
        #expect(changed.count > 6)
        for cut in changed {
            var torn = before
            for index in changed where index <= cut { torn[index] = after[index] }
            memory.image = torn
            let found = memory.copy().latest?.value
            #expect(found == Value(number: 2) || (torn == after && found?.number == 3), "torn behind byte \(cut)")
            // In any order: the bytes behind the cut first.
            torn = before
            for index in changed where index > cut { torn[index] = after[index] }
            memory.image = torn
            let other = memory.copy().latest?.value
            #expect(other == Value(number: 2), "torn before byte \(cut)")
        }
    }

    @Test func everyFlippedBitIsNoticed() {
        let memory = Memory()
        var copy = memory.copy()
        copy.write(Value(number: 1), now: 1)
        copy.write(Value(number: 2), now: 2)
        let good = memory.image
        for index in good.indices {
            memory.image = good
            memory.bytes.storeBytes(of: good[index] ^ 0x10, toByteOffset: index, as: UInt8.self)
            let found = memory.copy().latest?.value
            #expect(found == Value(number: 2) || found == Value(number: 1), "byte \(index)")
        }
    }
}
