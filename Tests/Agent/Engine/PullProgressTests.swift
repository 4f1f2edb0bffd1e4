import Agent
import Testing

/// A pull's stream as engines send it: progress, repeats, and errors inside an HTTP 200.
@Suite struct PullProgressTests {
    static func image() throws -> ResolvedImage {
        let digests = try ["1", "2"].map { try #require(Digest("sha256:" + String(repeating: $0, count: 64))) }
        return ResolvedImage(
            reference: "r", pullReference: "r", index: nil, manifest: digests[0], config: digests[1],
            platform: .machine,
            name: "", version: "",
            layers: [
                ResolvedImage.Layer(digest: digests[0], bytes: 100, diff: "a"),
                ResolvedImage.Layer(digest: digests[1], bytes: 50, diff: "b"),
            ])
    }

    static func take(_ sum: inout PullProgress, _ line: String) throws(Fault) -> Bool {
        try sum.take(Array(line.utf8)[...], of: "r")
    }

    @Test func layersAddUp() throws {
        var sum = PullProgress(try Self.image())
        #expect(sum.bytesTotal == 150)
        #expect(try !Self.take(&sum, #"{"status":"Pulling from flight","id":"v2"}"#))
        #expect(try Self.take(&sum, #"{"status":"Already exists","id":"111111111111","progressDetail":{}}"#))
        #expect(sum.bytesDone == 100)
        #expect(
            try Self.take(
                &sum, #"{"status":"Downloading","id":"222222222222","progressDetail":{"current":20,"total":50}}"#))
        #expect(sum.bytesDone == 120)
        #expect(
            try Self.take(
                &sum, #"{"status":"Downloading","id":"222222222222","progressDetail":{"current":999,"total":50}}"#))
        #expect(sum.bytesDone == 150)
        #expect(try !Self.take(&sum, #"{"status":"Pull complete","id":"222222222222"}"#))
        #expect(sum.bytesDone == 150)
    }

    @Test func aLayerThatDoesNotEndIsThrown() throws {
        var sum = PullProgress(try Self.image())
        let fault = try #require(throws: Fault.self) {
            try Self.take(
                &sum, #"{"status":"Downloading","id":"222222222222","progressDetail":{"current":99999999}}"#)
        }
        #expect(fault.sentence.contains("more than the 50 bytes that its manifest says"), "\(fault.sentence)")
    }

    @Test func anErrorLineIsThrown() throws {
        var sum = PullProgress(try Self.image())
        let fault = try #require(throws: Fault.self) {
            try Self.take(&sum, #"{"errorDetail":{"message":"layer verification\nfailed."},"error":"x"}"#)
        }
        #expect(fault.sentence == "Pulling r failed in the engine: layer verification failed.")
    }

    @Test(arguments: ["", "not json", "[1]"])
    func anythingElseIsThrown(line: String) throws {
        var sum = PullProgress(try Self.image())
        #expect(throws: Fault.self) { try Self.take(&sum, line) }
    }

    @Test func linesComeInPieces() throws {
        var lines = LineSplitter()
        #expect(try lines.add(Array("{\"a\"".utf8)).isEmpty)
        #expect(
            try lines.add(Array(":1}\n\n{}\n{".utf8)).map { String(decoding: $0, as: UTF8.self) } == [
                "{\"a\":1}", "{}",
            ])
        #expect(throws: Fault.self) { try lines.add([UInt8](repeating: 0x20, count: LineSplitter.lineMax + 1)) }
    }
}
