import Console
import HTTPTypes
import Testing

/// Whom the console answers.
@Suite struct GateTests {
    private let gate = Gate(bind: "drone.lan", token: "secret")

    private func head(_ host: String?, _ path: String = "/events", _ fields: [String: String] = [:]) -> HTTPRequest {
        var head = HTTPRequest(method: .get, scheme: "http", authority: host, path: path)
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        return head
    }

    @Test(
        "An address, localhost and the name that it listens at are its own, whatever port a tunnel gives them",
        arguments: [
            "127.0.0.1", "127.0.0.1:9000", "localhost:8480", "LOCALHOST", "[::1]:8480", "192.168.1.7", "drone.lan:80",
        ])
    func own(_ host: String) throws { try gate.checkSite(head(host)) }

    @Test(
        "Any other name may have been bound to this address by whoever owns it",
        arguments: [
            "evil.example", "evil.example:8480", "127.0.0.1.evil.example", "localhost.evil.example", "", ":8480",
            "[::1", "127.0.0.1:80:90", "127.0.0.1:x",
        ])
    func foreign(_ host: String) {
        let refusal = #expect(throws: Refusal.self) { try gate.checkSite(head(host)) }
        #expect(refusal?.status == 403 && refusal?.sentence.contains("'\(host)'") == true)
    }

    @Test("A request without a host is refused") func noHost() {
        #expect(throws: Refusal.self) { try gate.checkSite(head(nil)) }
    }

    @Test(
        "Only its own page is an origin",
        arguments: ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
    func origin(_ origin: String) throws {
        let refusal = #expect(throws: Refusal.self) {
            try gate.checkSite(head("127.0.0.1", "/events", ["Origin": origin]))
        }
        #expect(refusal?.sentence.contains(origin) == true)
        try gate.checkSite(head("127.0.0.1:8480", "/update", ["Origin": "http://127.0.0.1:8480"]))
    }

    @Test("Another site may link to the page, and ask for nothing else") func fetchSite() throws {
        try gate.checkSite(head("127.0.0.1", "/", ["Sec-Fetch-Site": "cross-site"]))
        try gate.checkSite(head("127.0.0.1", "/events", ["Sec-Fetch-Site": "same-origin"]))
        for site in ["cross-site", "same-site"] {
            #expect(throws: Refusal.self) { try gate.checkSite(head("127.0.0.1", "/events", ["Sec-Fetch-Site": site])) }
        }
    }

    @Test("The token, the whole token and nothing but the token") func token() throws {
        try gate.checkToken(head("127.0.0.1", "/update", ["Authorization": "Bearer secret"]))
        for wrong in ["Bearer secreu", "Bearer ", "secret", "Basic secret"] {
            let refusal = #expect(throws: Refusal.self) {
                try gate.checkToken(head("127.0.0.1", "/update", ["Authorization": wrong]))
            }
            #expect(refusal?.status == 401 && refusal?.sentence.contains("wrong") == true)
        }
        let missing = #expect(throws: Refusal.self) { try gate.checkToken(head("127.0.0.1")) }
        #expect(missing?.sentence.contains("needs the token") == true)
    }

    @Test("Tokens have 128 bits and are not alike") func tokens() {
        let tokens = (0..<100).map { _ in Gate.makeToken() }
        #expect(Set(tokens).count == 100)
        #expect(tokens.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test("What others named in a refusal is one line") func printable() {
        #expect(Refusal(404, "no 'a\r\nb'").sentence == "no 'a??b'" || !Refusal(404, "a\r\nb").sentence.contains("\n"))
    }
}
