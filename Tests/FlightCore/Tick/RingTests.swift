import FlightCore
import Testing

@Suite struct RingTests {
    @Test func firstInFirstOutAndFull() {
        let ring = Ring(capacity: 4, filler: 0)
        #expect(ring.pop() == nil)
        for round in 0..<5 {
            for value in 0..<4 { #expect(ring.push(round * 10 + value)) }
            #expect(!ring.push(99))
            for value in 0..<4 { #expect(ring.pop() == round * 10 + value) }
            #expect(ring.pop() == nil)
        }
    }

    @Test func aCapacityIsAPowerOfTwo() async {
        await #expect(processExitsWith: .failure) { _ = Ring(capacity: 3, filler: 0) }
    }

    @Test func betweenTwoThreadsNothingIsLostOrTurned() throws {
        let ring = Ring(capacity: 64, filler: UInt64(0))
        let count: UInt64 = 200_000
        let producer = try Thread(name: "producer") {
            var next: UInt64 = 1
            // Bound: the consumer takes everything; a ring that stuck would be ended by the consumer's own bound.
            var refused = 0
            while next <= count, refused < 500_000_000 {
                if ring.push(next) { next += 1 } else { refused += 1 }
            }
        }
        var expected: UInt64 = 1
        var empty = 0
        while expected <= count, empty < 500_000_000 {
            guard let value = ring.pop() else {
                empty += 1
                continue
            }
            guard value == expected else { break }
            expected += 1
        }
        producer.join()
        #expect(expected == count + 1)
    }

    private struct Pair: Sendable {
        var number: UInt64
        var copies: InlineArray<16, UInt64>
    }

    @Test func theLatestIsWholeAndNeverOlder() throws {
        let latest = Latest(Pair(number: 0, copies: .init(repeating: 0)))
        let count: UInt64 = 200_000
        let writer = try Thread(name: "writer") {
            for number in 1...count { latest.write(Pair(number: number, copies: .init(repeating: number))) }
        }
        var last: UInt64 = 0
        var torn = 0
        var reads = 0
        while last < count, reads < 100_000_000 {
            let pair = latest.read()
            for index in 0..<16 where pair.copies[index] != pair.number { torn += 1 }
            if pair.number < last { torn += 1 }
            last = pair.number
            reads += 1
        }
        writer.join()
        #expect(torn == 0 && last == count)
        #expect(latest.read().number == count)
    }
}
