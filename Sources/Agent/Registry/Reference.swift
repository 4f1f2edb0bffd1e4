/// Which image is meant: registry, repository, and a tag or a digest.
package struct Reference: Equatable, Sendable, CustomStringConvertible {
    package enum Selector: Equatable, Sendable {
        case tag(String)
        case digest(Digest)
    }

    /// Host and port, such as "127.0.0.1:5000".
    package var registry: String
    /// Path in the registry, such as "fleet/flight".
    package var repository: String
    package var selector: Selector

    package init(registry: String, repository: String, selector: Selector) {
        self.registry = registry
        self.repository = repository
        self.selector = selector
    }

    /// Reads "v2" (a tag in the repository of `running`), "@sha256:…", or a full "host:port/repository:tag",
    /// "host:port/repository@sha256:…".
    ///
    /// - Throws: `Fault` that says what is wrong with the text.
    package init(_ text: String, running: Reference?) throws(Fault) {
        guard !text.isEmpty, text.utf8.count <= 512 else {
            throw Fault(
                "The reference '\(text.prefix(32))' is empty or longer than 512 bytes; write v2 or host:port/repository:tag."
            )
        }
        let (name, digestText) = Self.cut(text, at: "@", fromEnd: false)
        var digest: Digest?
        if let digestText {
            guard let read = Digest(digestText) else {
                throw Fault("'\(digestText)' in '\(text)' is no digest; write sha256: and 64 hexadecimal digits.")
            }
            digest = read
        }
        guard name.contains("/") else {
            guard let running else {
                throw Fault(
                    "'\(text)' names no registry and no flight container runs whose repository could be meant; write host:port/repository:tag."
                )
            }
            self = running
            if let digest {
                guard name.isEmpty else { throw Fault("'\(text)' has a tag and a digest; write one of them.") }
                selector = .digest(digest)
            } else {
                try Self.check(tag: name, in: text)
                selector = .tag(name)
            }
            return
        }
        guard let slash = name.firstIndex(of: "/") else { throw Fault("'\(text)' has no repository.") }
        registry = String(name[..<slash])
        let path = String(name[name.index(after: slash)...])
        let (plainPath, tag) = Self.cut(path, at: ":", fromEnd: true)
        repository = plainPath
        guard registry.contains(".") || registry.contains(":") || registry == "localhost" else {
            throw Fault("'\(text)' begins with '\(registry)', which is no registry; write host:port/repository:tag.")
        }
        try Self.check(registry: registry, in: text)
        try Self.check(repository: repository, in: text)
        if let tag { try Self.check(tag: tag, in: text) }
        switch (digest, tag) {
        case (let digest?, _): selector = .digest(digest)
        case (nil, let tag?): selector = .tag(tag)
        case (nil, nil): throw Fault("'\(text)' has no tag; write \(text):TAG or \(text)@sha256:DIGEST.")
        }
    }

    /// What the engine and the registry call it.
    package var description: String { name + suffix }

    /// Registry and repository.
    package var name: String { "\(registry)/\(repository)" }

    private var suffix: String {
        switch selector {
        case .tag(let tag): ":\(tag)"
        case .digest(let digest): "@\(digest)"
        }
    }

    /// The same repository at a digest.
    package func at(_ digest: Digest) -> Reference {
        Reference(registry: registry, repository: repository, selector: .digest(digest))
    }

    /// Whether the registry is on this machine, where plain HTTP is safe.
    package var isLoopback: Bool {
        let host = registry.hasPrefix("[") ? registry.prefix { $0 != "]" }.dropFirst() : registry.prefix { $0 != ":" }
        return host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    private static func cut(_ text: String, at mark: Character, fromEnd: Bool) -> (String, String?) {
        guard let index = fromEnd ? text.lastIndex(of: mark) : text.firstIndex(of: mark) else { return (text, nil) }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }

    /// A tag: a letter, digit or underscore, then up to 127 of these, dots and dashes (OCI distribution).
    private static func check(tag: String, in text: String) throws(Fault) {
        let isFirstRight = tag.utf8.first.map { isWord($0) || $0 == 0x5F } ?? false
        let isRestRight = tag.utf8.allSatisfy { isWord($0) || $0 == 0x5F || $0 == 0x2E || $0 == 0x2D }
        guard isFirstRight, isRestRight, tag.utf8.count <= 128 else {
            throw Fault("'\(tag)' in '\(text)' is no tag; allowed are letters, digits, '_', '.' and '-', at most 128.")
        }
    }

    /// Lower-case path parts, each of letters, digits and separators (OCI distribution).
    private static func check(repository: String, in text: String) throws(Fault) {
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        let isRight = parts.allSatisfy { part in
            guard let first = part.utf8.first, let last = part.utf8.last else { return false }
            return isLower(first) && isLower(last)
                && part.utf8.allSatisfy { isLower($0) || $0 == 0x5F || $0 == 0x2E || $0 == 0x2D }
        }
        guard isRight, repository.utf8.count <= 255 else {
            throw Fault(
                "'\(repository)' in '\(text)' is no repository; allowed are lower-case letters, digits, '.', '_', '-' and '/'."
            )
        }
    }

    private static func check(registry: String, in text: String) throws(Fault) {
        let isRight = registry.utf8.allSatisfy {
            isWord($0) || $0 == 0x2E || $0 == 0x2D || $0 == 0x3A || $0 == 0x5B || $0 == 0x5D
        }
        let port = registry.hasSuffix("]") ? nil : cut(registry, at: ":", fromEnd: true).1
        guard isRight, !registry.isEmpty, port.map({ UInt16($0).map { $0 > 0 } ?? false }) ?? true else {
            throw Fault("'\(registry)' in '\(text)' is no registry; write host or host:port.")
        }
    }

    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
    private static func isWord(_ byte: UInt8) -> Bool { isLower(byte) || (0x41...0x5A).contains(byte) }
}
