internal import Contract
package import HTTPTypes
internal import NIOCore

/// Why a request is not served: HTTP status, and one sentence.
package struct Refusal: Error, Equatable, Sendable {
    package var status: Int
    package var sentence: String

    /// What others named in it is made printable.
    package init(_ status: Int, _ sentence: String) {
        self.status = status
        self.sentence = printable(sentence)
    }
}

/// Who may ask what. Pure: a request's head in, a refusal out.
///
/// A browser lets any page send requests to this machine. Such a page cannot name itself by an address (DNS rebinding
/// needs a name of its own), is named as origin, and does not know the token.
package struct Gate: Sendable {
    /// The address or name that the console listens at.
    private let bind: String
    private let token: String

    package init(bind: String, token: String) {
        self.bind = bind
        self.token = token
    }

    /// - Throws: `Refusal` for another site's request.
    package func checkSite(_ head: HTTPRequest) throws(Refusal) {
        guard let authority = head.authority, let host = Self.host(authority), isOurs(host) else {
            throw Refusal(
                403,
                "The console answers to an IP address, to localhost and to what --bind names, not to "
                    + "'\((head.authority ?? "").prefix(100))'; use the address that 'droneagent console' has printed.")
        }
        if let origin = head.headerFields[.origin], origin != "http://\(authority)" {
            throw Refusal(403, "The page of another site asked ('\(origin.prefix(100))'); only the console's own may.")
        }
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = head.headerFields[name], site != "same-origin",
            site != "none", head.path != "/"
        {
            throw Refusal(
                403,
                "The page of another site asked (Sec-Fetch-Site is '\(site.prefix(20))'); only the console's own may.")
        }
    }

    /// - Throws: `Refusal` without the token.
    package func checkToken(_ head: HTTPRequest) throws(Refusal) {
        guard let given = head.headerFields[.authorization] else {
            throw Refusal(
                401,
                "This needs the token: send 'Authorization: Bearer TOKEN' with what 'droneagent console' has printed.")
        }
        guard Self.isEqual(given, "Bearer \(token)") else {
            throw Refusal(401, "The token is wrong; 'droneagent console' prints another one each time it is started.")
        }
    }

    /// 128 random bits from the system, in hexadecimal.
    package static func makeToken() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<16).map { _ in
            let byte = UInt8.random(in: 0...255, using: &random)
            return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    private func isOurs(_ host: String) -> Bool {
        if host.lowercased() == "localhost" || host.lowercased() == bind.lowercased() { return true }
        return (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }

    /// The host of "host:port" or "[v6]:port"; nil: it is neither.
    private static func host(_ authority: String) -> String? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.count == 2 && parts[1].allSatisfy(\.isNumber) else { return nil }
        return String(parts[0])
    }

    /// Takes as long for a wrong first letter as for a wrong last one.
    private static func isEqual(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
