import Agent
import Testing

/// What a person may write for an image.
@Suite struct ReferenceTests {
    static let hash = "sha256:" + String(repeating: "0123", count: 16)
    static let running = try? Reference("127.0.0.1:5000/fleet/flight:v1", running: nil)

    @Test func aTagMeansTheRunningRepository() throws {
        let reference = try Reference("v2", running: Self.running)
        #expect("\(reference)" == "127.0.0.1:5000/fleet/flight:v2")
        #expect(reference.isLoopback)
    }

    @Test func aDigestMeansTheRunningRepository() throws {
        let reference = try Reference("@\(Self.hash)", running: Self.running)
        #expect("\(reference)" == "127.0.0.1:5000/fleet/flight@\(Self.hash)")
    }

    @Test(arguments: [
        "localhost/flight:v1", "example.org/a/b/c:1.2.3-rc_4", "example.org:443/flight@\(hash)", "[::1]:5000/flight:v2",
    ])
    func fullReferencesStayAsTheyAre(text: String) throws {
        #expect("\(try Reference(text, running: nil))" == text)
    }

    @Test func aTagBesideADigestIsIgnored() throws {
        let reference = try Reference("example.org/flight:v2@\(Self.hash)", running: nil)
        #expect("\(reference)" == "example.org/flight@\(Self.hash)")
    }

    @Test(arguments: [
        ("127.0.0.1:1/a:b", true), ("127.9.9.9/a:b", true), ("localhost:1/a:b", true), ("[::1]:1/a:b", true),
        ("10.0.0.1:1/a:b", false), ("localhost.example.org/a:b", false), ("example.org/a:b", false),
    ])
    func onlyThisMachineIsLoopback(text: String, isLoopback: Bool) throws {
        #expect(try Reference(text, running: nil).isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", "v2!", ".v2", "@sha256:12", "example.org/Flight:v1", "example.org/flight", "example.org//a:v",
        "flight/a:v1",
        "example.org:0/a:v1", "example.org:99999/a:v1", "exa mple.org/a:v1", "example.org/a:", "example.org/a@v2",
        String(repeating: "x", count: 600), "../../etc:v1", "example.org/../x:v1",
    ])
    func anythingElseIsOneSentence(text: String) throws {
        let fault = try #require(throws: Fault.self) { try Reference(text, running: Self.running) }
        #expect(fault.sentence.hasSuffix("."))
        #expect(!fault.sentence.contains("\n"))
    }

    @Test func aTagAloneNeedsARunningContainer() throws {
        let fault = try #require(throws: Fault.self) { try Reference("v2", running: nil) }
        #expect(fault.sentence.contains("host:port/repository:tag"))
    }
}
