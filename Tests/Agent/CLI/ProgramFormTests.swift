import Foundation
import Testing

/// What is in the programs that go onto a Pi, and what is not.
@Suite(.enabled(if: LiveFlight.programs != nil, "needs DRONEAGENT_TEST_BIN; Board/bench test sets it"))
struct ProgramFormTests {
    private func program(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: #require(LiveFlight.programs) + "/\(name)"), options: .alwaysMapped)
    }

    /// ICU is 37 MB of Unicode's data, which nothing here asks: it comes with Foundation whole.
    @Test(arguments: ["flightcore", "droneagent", "flightbench"]) func thereIsNoICU(name: String) throws {
        let bytes = try program(name)
        #expect(bytes.range(of: Data("icudt".utf8)) == nil)
        #expect(bytes.range(of: Data("lib_FoundationICU".utf8)) == nil, "nor a library of it")
        // The search finds what is there.
        #expect(bytes.range(of: Data("Swift".utf8)) != nil)
    }

    /// A Pi has no library of Swift's.
    @Test(arguments: ["flightcore", "droneagent", "flightbench"]) func swiftIsInside(name: String) throws {
        let bytes = try program(name)
        #expect(bytes.range(of: Data("libswiftCore.so".utf8)) == nil)
        #expect(bytes.range(of: Data("libc.so.6".utf8)) != nil)
    }
}
