internal import Crypto

/// A content digest, "sha256:" and 64 hexadecimal digits (OCI image specification, descriptor).
package struct Digest: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "sha256", parts[1].utf8.count == 64,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.text = text
    }

    /// Of these bytes.
    package init(of bytes: [UInt8]) {
        let digits = SHA256.hash(data: bytes).map { byte in
            let hexadecimal = String(byte, radix: 16)
            return byte < 16 ? "0" + hexadecimal : hexadecimal
        }
        text = "sha256:" + digits.joined()
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let written = try container.decode(String.self)
        guard let digest = Digest(written) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(written)' is no sha256 digest")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }

    /// The first 12 hexadecimal digits, for people.
    package var short: String { String(text.dropFirst(7).prefix(12)) }
}
