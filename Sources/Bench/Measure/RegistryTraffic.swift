/// What a registry served, by its own log.
package struct RegistryTraffic: Sendable, Equatable {
    /// Bytes of all answers to GET, blobs and manifests.
    package var bytes = 0.0
    /// Digests of the blobs that were fetched.
    package var blobs: Set<String> = []

    /// Lines as Debian's docker-registry 2.8 writes them: `http.request.method=GET http.request.uri=/v2/…
    /// http.response.written=123`.
    package init(log: Substring) {
        for line in log.split(separator: "\n") where line.contains("response completed") {
            var fields: [Substring: Substring] = [:]
            for word in line.split(separator: " ") {
                guard let sign = word.firstIndex(of: "=") else { continue }
                fields[word[..<sign]] = word[word.index(after: sign)...].trimmed
            }
            guard fields["http.request.method"] == "GET", let uri = fields["http.request.uri"],
                let written = fields["http.response.written"].flatMap({ Double($0) })
            else { continue }
            bytes += written
            if uri.contains("/blobs/"), let digest = uri.split(separator: "/").last { blobs.insert(String(digest)) }
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring { hasPrefix("\"") && hasSuffix("\"") ? dropFirst().dropLast() : self }
}
