import Contract
import FlightCore
import FlightLog
import Foundation
import FoundationXML
import Testing

/// Flights as pictures.
@Suite struct LogPlotTests {
    private func drawn(_ bytes: [UInt8], heading: String = "flight", chunk: Int = 1 << 20) -> String? {
        var plot = LogPlot()
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            plot.read(Array(bytes[start..<min(start + chunk, bytes.count)]))
        }
        return plot.svg(heading)
    }

    private func isWellFormed(_ text: String) -> Bool { XMLParser(data: Data(text.utf8)).parse() }

    @Test func aFlightWithTwoOwnersIsDrawn() throws {
        let log = try Recorded()
        for tick in 1...200 { log.tick(UInt64(tick)) }
        for tick in 201...400 { log.tick(UInt64(tick), slot: 1, epoch: 2, cause: .requested) }
        let bytes = try log.bytes()
        let picture = try #require(drawn(bytes))
        #expect(isWellFormed(picture))
        #expect(picture.contains(">v1, epoch 1<") && picture.contains(">v2, epoch 2<"))
        #expect(picture.contains(">motor 4<") && picture.contains(">roll<") && picture.contains(">height, m<"))
        // In whatever parts it comes.
        #expect(drawn(bytes, chunk: 1) == picture && drawn(bytes, chunk: 97) == picture)
    }

    @Test func aHeadingIsNoMarkup() throws {
        let log = try Recorded()
        for tick in 1...50 { log.tick(UInt64(tick)) }
        let picture = try #require(drawn(try log.bytes(), heading: "a<b & \"c\"\u{7}"))
        #expect(isWellFormed(picture) && picture.contains("a&lt;b &amp; &quot;c&quot;?"))
    }

    @Test func whatIsNoLogHasNoPicture() {
        #expect(drawn([]) == nil && drawn(Array("no log at all, but long enough".utf8)) == nil)
    }

    @Test func aSpikeOfOneTickStaysInSight() {
        var trace = LogTrace()
        for tick in 0..<1_000_000 { trace.add(tick == 654_321 ? 9 : 1, at: Double(tick) * 0.002) }
        let points = trace.points
        #expect(points.count <= 2 * LogTrace.columnsMax && points.count > LogTrace.columnsMax / 3)
        #expect(points.filter { $0.value == 9 }.count == 1 && trace.low == 1 && trace.high == 9)
        let spike = points.first { $0.value == 9 }
        #expect(abs((spike?.time ?? 0) - 1308.642) < 3)
    }

    @Test func whatIsNoNumberIsLeftOut() {
        var trace = LogTrace()
        for value in [nil, .nan, .infinity] as [Double?] { trace.add(value, at: 1) }
        trace.add(1, at: .nan)
        trace.add(1, at: -1)
        #expect(trace.isEmpty && trace.points.isEmpty)
    }
}
