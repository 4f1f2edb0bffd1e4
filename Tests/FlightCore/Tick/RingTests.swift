import CPlatform
import FlightCore
import Glibc
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

    /// What waits is counted, and the last of it is seen without taking it.
    @Test func theNewestIsSeenWhileItWaits() {
        let ring = Ring(capacity: 4, filler: 0)
        #expect(ring.count == 0 && ring.newest == nil && ring.capacity == 4)
        for value in 1...10 {
            #expect(ring.push(value) && ring.newest == value && ring.count == min(value, 4))
            if value >= 4 { #expect(ring.pop() == value - 3) }
        }
        for _ in 0..<3 { _ = ring.pop() }
        #expect(ring.count == 0 && ring.newest == nil)
    }

    @Test func aCapacityIsAPowerOfTwo() async {
        await #expect(processExitsWith: .failure) { _ = Ring(capacity: 3, filler: 0) }
    }

    @Test func betweenTwoThreadsNothingIsLostOrTurned() throws {
        let ring = Ring(capacity: 64, filler: UInt64(0))
        let count: UInt64 = 200_000
        let limit = da_now() + 30_000_000_000
        let producer = try Thread(name: "producer") {
            var next: UInt64 = 1
            while next <= count, da_now() < limit { if ring.push(next) { next += 1 } else { sched_yield() } }
        }
        var expected: UInt64 = 1
        var turned = 0
        while expected <= count, da_now() < limit {
            guard let value = ring.pop() else {
                sched_yield()
                continue
            }
            if value != expected { turned += 1 }
            expected += 1
        }
        producer.join()
        #expect(turned == 0 && expected == count + 1)
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
        let limit = da_now() + 30_000_000_000
        while last < count, da_now() < limit {
            let pair = latest.read()
            for index in 0..<16 where pair.copies[index] != pair.number { torn += 1 }
            if pair.number < last { torn += 1 }
            last = pair.number
        }
        writer.join()
        #expect(torn == 0 && last == count)
        #expect(latest.read().number == count)
    }
}
