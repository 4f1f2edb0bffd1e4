import Synchronization

/// A bounded queue between one producer and one consumer; neither ever waits for the other.
///
/// Lamport's ring: each side writes only its own index. A full ring refuses, and the producer counts.
package final class Ring<Element: Sendable>: @unchecked Sendable {
    private let slots: UnsafeMutablePointer<Element>
    private let mask: Int
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)

    /// - Parameters:
    ///   - capacity: a power of two.
    ///   - filler: written to every slot, so that all pages are there before the flight.
    package init(capacity: Int, filler: Element) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "a ring's capacity is a power of two")
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: filler, count: capacity)
        mask = capacity - 1
    }

    deinit {
        slots.deinitialize(count: mask + 1)
        slots.deallocate()
    }

    /// Producer only. Returns false when the ring is full.
    package func push(_ element: Element) -> Bool {
        let at = tail.load(ordering: .relaxed)
        guard at &- head.load(ordering: .acquiring) <= mask else { return false }
        slots[at & mask] = element
        tail.store(at &+ 1, ordering: .releasing)
        return true
    }

    /// Consumer only: how many wait, at least.
    package var count: Int { tail.load(ordering: .acquiring) &- head.load(ordering: .relaxed) }

    /// Consumer only: what was pushed last and still waits. Its slot is not written again before it has been popped.
    package var newest: Element? {
        let end = tail.load(ordering: .acquiring)
        return end == head.load(ordering: .relaxed) ? nil : slots[(end &- 1) & mask]
    }

    package var capacity: Int { mask + 1 }

    /// Consumer only.
    package func pop() -> Element? {
        let at = head.load(ordering: .relaxed)
        guard at != tail.load(ordering: .acquiring) else { return nil }
        let element = slots[at & mask]
        head.store(at &+ 1, ordering: .releasing)
        return element
    }
}

/// The newest value of one writer for one reader; neither ever waits.
///
/// Three places: one the writer fills, one the reader holds, one between them that both swap with.
package final class Latest<Value: Sendable>: @unchecked Sendable {
    private static var fresh: Int { 4 }
    private let places: UnsafeMutablePointer<Value>
    private let between = Atomic<Int>(1)
    private var writing = 0
    private var reading = 2

    package init(_ first: Value) {
        places = .allocate(capacity: 3)
        places.initialize(repeating: first, count: 3)
    }

    deinit {
        places.deinitialize(count: 3)
        places.deallocate()
    }

    /// Writer only.
    package func write(_ value: Value) {
        places[writing] = value
        writing = between.exchange(writing | Self.fresh, ordering: .acquiringAndReleasing) & 3
    }

    /// Reader only.
    package func read() -> Value {
        if between.load(ordering: .relaxed) & Self.fresh != 0 {
            reading = between.exchange(reading, ordering: .acquiringAndReleasing) & 3
        }
        return places[reading]
    }
}
