import Bench
import Foundation
import Testing

@Suite struct MeasureTests {
    private func ratio(_ value: Double) -> PairedRatio? { PairedRatio([(value, 1), (value, 1)]) }

    @Test func aCostIsMetBelowItsLimitAndASpeedAbove() {
        #expect(Figure("cost", ratio(1.2), limit: 1.3).verdict == .met)
        #expect(Figure("cost", ratio(1.4), limit: 1.3).verdict == .missed)
        #expect(Figure("speed", ratio(0.95), limit: 0.9, atMost: false).verdict == .met)
        #expect(Figure("speed", ratio(0.85), limit: 0.9, atMost: false).verdict == .missed)
        #expect(Figure("nothing", nil, limit: 1).verdict == .unmeasured)
        #expect(Figure("cost", ratio(1.2), limit: 1.3).goal == "≤ 1.30")
    }

    @Test func theTableHasARowAFigureAndItsRemarksBelow() {
        var table = MeasureTable(machine: "a test", quick: true)
        var figure = Figure("cost", ratio(1.2), limit: 1.3)
        figure.remarks = ["Why."]
        table.add([figure])
        #expect(
            table.text == """
                | figure | goal | measured |  |
                |---|---|---|---|
                | cost | ≤ 1.30 | 1.20 [1.20, 1.20] | met |

                **cost:** Why.

                Measured on a test, in the short run.
                """)
    }

    @Test func theRegistrysLogGivesBytesAndBlobs() {
        func line(_ method: String, _ uri: String, _ written: Int) -> String {
            "time=\"t\" level=info msg=\"response completed\" http.request.method=\(method) http.request.uri=\(uri) http.response.contenttype=\"a; b\" http.response.written=\(written) \n"
        }
        let log =
            line("GET", "/v2/flight/manifests/v1", 100) + line("HEAD", "/v2/flight/manifests/v1", 0)
            + line("GET", "\"/v2/flight/blobs/sha256:ab\"", 2000) + "time=\"t\" msg=\"something else\"\n"
        let traffic = RegistryTraffic(log: log[...])
        #expect(traffic.bytes == 2100 && traffic.blobs == ["sha256:ab"])
    }

    private func write(_ tick: UInt64, late: UInt64) -> (scheduled: UInt64, written: UInt64) {
        (tick * 2_000_000, late == 0 ? 0 : tick * 2_000_000 + late)
    }

    @Test func latenessPairsEachUpdateWithAsLongATimeBehindIt() throws {
        // 20 s; updates from 2 to 4 s and from 8 to 10 s, in which writes are 100 µs later.
        let writes = (1..<10_000).map { tick in
            let second = tick / 500
            let inUpdate = (2..<4).contains(second) || (8..<10).contains(second)
            return write(UInt64(tick), late: tick == 700 ? 0 : inUpdate ? 1_100_000 : tick == 1 ? 900_000 : 1_000_000)
        }
        let lateness = Lateness(writes, updates: [(2, 4), (8, 10)])
        #expect(lateness.pairs.count == 2)
        #expect(lateness.pairs.allSatisfy { $0.update.count == 1000 && $0.noUpdate.count == 1000 })
        #expect(abs(lateness.update.p99 - 200) < 1e-6 && abs(lateness.noUpdate.p99 - 100) < 1e-6)
        #expect(abs(try #require(lateness.ratio).median - 2) < 1e-6)
    }

    @Test func ticksOverAStallAreLeftOut() throws {
        // A tenth of the ticks of the update is 1.9 ms late, each within a stall.
        let late = (1000..<2000).filter { $0 % 10 == 0 }
        let writes = (1..<4000).map { write(UInt64($0), late: late.contains($0) ? 1_900_000 : 10_000) }
        let stalls = late.map { UInt64($0) * 2_000_000..<UInt64($0) * 2_000_000 + 1_000 }
        let all = Lateness(writes, updates: [(2, 4)])
        let quiet = Lateness(writes, updates: [(2, 4)], stalls: stalls, period: 2_000_000)
        #expect(all.update.p99 > 1800 && quiet.update.p99 < 1)
        // Each takes the tick in its wake with it.
        #expect(quiet.leftOut.update == 200 && quiet.leftOut.noUpdate == 0)
        #expect(all.leftOut.update == 0)
    }

    @Test func anUpdateWithoutRoomBehindItIsNoPair() {
        let writes = (1..<5000).map { write(UInt64($0), late: 1_000_000 + UInt64($0 % 7)) }
        #expect(Lateness(writes, updates: [(2, 4), (5, 7)]).pairs.count == 1)
    }
}
