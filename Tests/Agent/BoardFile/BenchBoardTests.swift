import Agent
import Bench
import CContract
import Testing

@Suite struct BenchBoardTests {
    /// The virtual flights' vehicle is the shipped file's, to the last byte but those that say where it came from.
    @Test func theBenchFliesTheShippedBoard() throws {
        var shipped = try BoardFile.compile(try BoardFileTests.shipped("bench.yaml"), name: "bench.yaml")
        var flown = BenchBoard.make()
        (shipped.hash, shipped.checksum) = (0, 0)
        (flown.hash, flown.checksum) = (0, 0)
        let differing = zip(shipped.binary, flown.binary).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
        #expect(differing == [], "bytes of da_board that differ")
    }
}
