internal import Contract

/// Blocks of one cut on their way between the control thread and the queue thread, in memory that is allocated once.
@usableFromInline
package final class BlockDelta {
    let capacity: Int
    package private(set) var count = 0
    /// Numbers within the whole memory.
    private let numbers: UnsafeMutablePointer<Int>
    private let words: UnsafeMutablePointer<UInt32>

    init(capacity: Int) {
        self.capacity = capacity
        numbers = .allocate(capacity: capacity)
        numbers.initialize(repeating: 0, count: capacity)
        words = .allocate(capacity: capacity * BlockField.blockWords)
        words.initialize(repeating: 0, count: capacity * BlockField.blockWords)
    }

    deinit {
        numbers.deallocate()
        words.deallocate()
    }

    func clear() { count = 0 }

    /// Appends a block; one that is in already is overridden by the later one. False: no room.
    func append(_ block: Int, _ content: UnsafePointer<UInt32>) -> Bool {
        guard count < capacity else { return false }
        numbers[count] = block
        (words + count * BlockField.blockWords).update(from: content, count: BlockField.blockWords)
        count &+= 1
        return true
    }

    func number(_ index: Int) -> Int { numbers[index] }
    func content(_ index: Int) -> UnsafePointer<UInt32> { UnsafePointer(words + index * BlockField.blockWords) }
}
