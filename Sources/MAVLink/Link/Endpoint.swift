package import Agent
internal import Glibc

/// An address and port of UDP: the bytes of its socket address.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// Of `sockaddr_in` or `sockaddr_in6`.
    let bytes: [UInt8]
    let family: Int32

    init(_ bytes: [UInt8], family: Int32) {
        self.bytes = bytes
        self.family = family
    }

    /// "HOST:PORT", "[HOST]:PORT" or a host alone.
    ///
    /// - Throws: `Fault` when it is none, or is not found.
    package init(_ text: String, port standard: UInt16) throws(Fault) {
        let (host, port) = try Self.split(text, standard)
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard code == 0, let first = found?.pointee, let address = first.ai_addr else {
            throw Fault("The address '\(text)' is not found (\(String(cString: gai_strerror(code)))); give HOST:PORT.")
        }
        self.init(
            Array(UnsafeRawBufferPointer(start: address, count: Int(first.ai_addrlen))), family: first.ai_family)
    }

    private static func split(_ text: String, _ standard: UInt16) throws(Fault) -> (String, UInt16) {
        let fault = Fault("'\(text)' is no address; give HOST:PORT, such as 127.0.0.1:14550 or [::1]:14550.")
        var (host, rest) = (text[...], ""[...])
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw fault }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else if let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":") {
            host = text[..<colon]
            rest = text[colon...]
        }
        guard !host.isEmpty else { throw fault }
        if rest.isEmpty { return (String(host), standard) }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()) else { throw fault }
        return (String(host), port)
    }

    /// Network order, behind the family's two bytes.
    package var port: UInt16 { bytes.count > 3 ? UInt16(bytes[2]) << 8 | UInt16(bytes[3]) : 0 }

    /// Whether only this machine reaches it: 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        if family == AF_INET { return bytes.count > 4 && bytes[4] == 127 }
        return bytes.count >= 24 && bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
    }

    package var description: String {
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = bytes.withUnsafeBytes { raw -> Int32 in
            guard let base = raw.baseAddress else { return EAI_FAIL }
            return getnameinfo(
                base.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count), &name, socklen_t(name.count), nil, 0,
                NI_NUMERICHOST)
        }
        let host =
            code == 0 ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "?"
        return family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
