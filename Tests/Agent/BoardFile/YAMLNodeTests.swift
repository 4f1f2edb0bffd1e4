import Agent
import Testing

/// YAML as people write it into board files and policies, and what a hostile text may not do.
@Suite struct YAMLNodeTests {
    @Test func aTreeHasItsLines() throws {
        let root = try #require(
            try YAMLNode.read(
                """
                # first
                bus: {device: /dev/i2c-1,
                      speed_hz: 400000}
                list: &numbers
                  - 1
                  - "two: 2"
                again: *numbers
                nothing:
                """))
        let entries = try #require(root.mapping)
        #expect(entries.map(\.key) == ["bus", "list", "again", "nothing"] && entries.map(\.line) == [2, 4, 7, 8])
        let bus = try #require(entries[0].value.mapping)
        #expect(bus.map(\.value.scalar) == ["/dev/i2c-1", "400000"] && bus.map(\.line) == [2, 3])
        let list = try #require(entries[1].value.sequence)
        #expect(list.map(\.scalar) == ["1", "two: 2"] && list.map(\.line) == [5, 6])
        #expect(entries[2].value.sequence?.map(\.scalar) == ["1", "two: 2"])
        #expect(entries[3].value.scalar == "" && entries[3].value.mapping == nil)
    }

    @Test(arguments: ["", "# only a remark\n", "---\n...\n"]) func nothingIsNil(text: String) throws {
        // A document that is there and empty is a scalar without characters.
        if let node = try YAMLNode.read(text) { #expect(text.hasPrefix("---") && node.scalar == "") }
    }

    @Test(arguments: [
        ("a: 1\nb: [1, 2\n", 3, "this is not YAML"),
        ("a: 1\n\tb: 2\n", 2, "this is not YAML"),
        ("a: 1\nb: \u{7}\n", 2, "this is not YAML"),
        ("a: 1\nb: *nobody\n", 2, "this is not YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "a is written twice"),
        ("a: 1\n[b]: 2\n", 2, "a key must be a word"),
        ("a: 1\n---\nb: 2\n", 3, "a second document begins"),
        ("a: &a\n - *a\n", 1, "nests deeper than"),
        (String(repeating: "[", count: 40) + String(repeating: "]", count: 40), 1, "nests deeper than"),
        ("[" + String(repeating: "1,", count: 5000) + "1]", 1, "more than 4096 nodes"),
    ])
    func anythingElseIsOneSentence(text: String, line: Int, words: String) throws {
        let fault = try #require(throws: YAMLFault.self) { try YAMLNode.read(text) }
        #expect(fault.line == line && fault.problem.contains(words), "\(fault)")
        #expect(!fault.problem.contains("\n"))
    }

    /// Ten to the ninth words in nine lines.
    @Test func aShortTextMakesNoLargeTree() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<9 {
            let ten = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(ten)]\n"
        }
        let fault = try #require(throws: YAMLFault.self) { try YAMLNode.read(text) }
        #expect(fault.problem.contains("more than 4096 nodes"))
    }

    @Test func deepAndEndlessTextsEnd() throws {
        for text in [String(repeating: "[", count: 60_000), String(repeating: "- ", count: 30_000), "&a [*a, *a]"] {
            #expect(throws: YAMLFault.self) { try YAMLNode.read(text) }
        }
    }
}
