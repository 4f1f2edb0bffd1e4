/// A log in memory: bounded, and what did not fit is counted.
package struct RecordLog<Record: FixedRecord>: Sendable {
    package private(set) var records: [Record] = []
    /// Records that found no room.
    package private(set) var lost = 0
    /// Records in all, taken away and lost ones included.
    package private(set) var total: UInt64 = 0
    private let capacity: Int

    package init(capacity: Int) {
        self.capacity = capacity
        records.reserveCapacity(capacity)
    }

    package mutating func append(_ record: Record) {
        total &+= 1
        guard records.count < capacity else {
            lost += 1
            return
        }
        records.append(record)
    }

    /// Takes the records away, into an array that keeps its memory.
    package mutating func drain(into other: inout [Record]) {
        other.removeAll(keepingCapacity: true)
        swap(&records, &other)
        records.reserveCapacity(capacity)
    }
}
