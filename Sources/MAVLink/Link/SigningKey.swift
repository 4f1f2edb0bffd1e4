package import Agent
internal import FoundationEssentials

/// The key file: 64 hexadecimal digits, as `openssl rand -hex 32` makes them.
package enum SigningKey {
    private static let digits = 2 * Signing.keyBytes

    /// - Throws: `Fault` when it cannot be read, is no key, or others than its owner and group may read it.
    package static func read(_ path: String) throws(Fault) -> [UInt8] {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let text = FileManager.default.contents(atPath: path).map({
                String(decoding: $0.prefix(256), as: UTF8.self)
            })
        else { throw Fault("The key \(path) cannot be read; make one with 'openssl rand -hex 32 > \(path)'.") }
        // By its digits: whether it is a number of Swift's or of Foundation's depends on what else is linked.
        let mode = attributes[.posixPermissions].flatMap { Int("\($0)") } ?? 0
        guard mode & 0o007 == 0 else {
            throw Fault("The key \(path) is open to everybody on this machine; 'chmod 600 \(path)'.")
        }
        guard let key = parse(text) else {
            throw Fault(
                "The key \(path) is not \(digits) hexadecimal digits; make one with 'openssl rand -hex 32 > \(path)'.")
        }
        return key
    }

    /// nil: it is none.
    package static func parse(_ text: String) -> [UInt8]? {
        let letters = Array(text.utf8.filter { $0 > 0x20 })
        guard letters.count == digits else { return nil }
        let key = stride(from: 0, to: digits, by: 2).compactMap { index in
            UInt8(String(decoding: letters[index...(index + 1)], as: UTF8.self), radix: 16)
        }
        return key.count == Signing.keyBytes ? key : nil
    }
}
