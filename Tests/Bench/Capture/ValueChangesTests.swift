import Bench
import Testing

@Suite struct ValueChangesTests {
    /// On one line: white space is white space, and the test's log shows it.
    private static let header =
        "$date today $end $timescale 10 ns $end $var wire 1 ! SCL $end $var wire 1 \" other $end "
        + "$var wire 1 # SDA $end $enddefinitions $end "

    private func read(_ text: String) throws -> [(time: UInt64, levels: UInt32)] {
        var found: [(time: UInt64, levels: UInt32)] = []
        try Array(text.utf8).withUnsafeBytes { bytes in
            try ValueChanges.read(bytes, lines: ["SCL", "SDA"]) { found.append(($0, $1)) }
        }
        return found
    }

    @Test func levelsAreToldByTime() throws {
        let found = try read(Self.header + "#0 1! 0\" 1#\n#125 1\"\n#250 0! 0#\n#300\n")
        #expect(found.map(\.time) == [0, 2500])
        #expect(found.map(\.levels) == [0b11, 0])
    }

    @Test(
        arguments: [
            ("", "ends in its header"), (header.replacing("SDA", with: "MOSI"), "has no line SDA"),
            (header.replacing("10 ns", with: "7 weeks"), "time scale is '7weeks'"),
            (header.replacing("$timescale 10 ns $end", with: ""), "says no time scale"),
            (header + "#0 1! #7x", "has '#7x'"), (header + "#9 1! #3 0!", "has '#3'"), (header + "#0 x!", "has 'x!'"),
            (header + "#99999999999999999999", "which is no time"),
        ] as [(String, String)])
    func whatIsNoneIsRefused(text: String, sentence: String) {
        #expect { try read(text) } throws: { "\($0)".contains(sentence) }
    }
}
