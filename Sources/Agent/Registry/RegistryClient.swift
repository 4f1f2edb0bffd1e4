internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Reads manifests and configurations from a registry (OCI distribution specification, section "Pull").
///
/// What it reads is checked against the digest it was asked for (supports invariant 5). Plain HTTP is spoken with
/// registries on this machine only.
package struct RegistryClient: Sendable {
    private let connections: Connections

    package init(_ connections: Connections) { self.connections = connections }

    /// The manifest that `reference` names now, and its digest.
    package func manifest(_ reference: Reference) async throws(Fault) -> (digest: Digest, manifest: Manifest) {
        let selector: String
        switch reference.selector {
        case .tag(let tag): selector = tag
        case .digest(let digest): selector = digest.text
        }
        let bytes = try await get(
            reference, "manifests/\(selector)", accept: Manifest.mediaTypes.joined(separator: ", "))
        let digest = Digest(of: bytes)
        if case .digest(let wanted) = reference.selector, wanted != digest {
            throw Fault(
                "The registry gave a manifest of \(reference) whose digest is \(digest); it was tampered with or damaged, do not use it."
            )
        }
        return (digest, try Manifest(bytes, of: "\(reference)"))
    }

    /// The image configuration `digest` in the repository of `reference`.
    package func config(_ digest: Digest, _ reference: Reference) async throws(Fault) -> ImageConfig {
        let bytes = try await get(reference, "blobs/\(digest)", accept: "*/*")
        guard Digest(of: bytes) == digest else {
            throw Fault(
                "The registry gave a configuration of \(reference) that does not match its digest; it was tampered with or damaged, do not use it."
            )
        }
        return try ImageConfig(bytes, of: "\(reference)")
    }

    private func get(_ reference: Reference, _ path: String, accept: String) async throws(Fault) -> [UInt8] {
        let scheme = reference.isLoopback ? "http" : "https"
        var request = HTTPClientRequest(url: "\(scheme)://\(reference.registry)/v2/\(reference.repository)/\(path)")
        request.headers.add(name: "Accept", value: accept)
        let status: HTTPResponseStatus
        let body: [UInt8]
        do {
            var bound = AnswerLimit(bytes: connections.limits.body, time: connections.limits.call)
            let response = try await connections.calls.execute(request, timeout: connections.limits.call)
            status = response.status
            body = try await bound.collect(response.body)
        } catch let overrun as AnswerOverrun {
            throw Fault(
                "The registry \(reference.registry) does not come to an end with \(reference) (\(overrun)); that is no manifest, do not use it."
            )
        } catch {
            throw Fault(
                "The registry \(reference.registry) does not answer (\(connectionReason(error))); check that it runs and can be reached."
            )
        }
        switch status.code {
        case 200: return body
        case 404:
            throw Fault("The registry \(reference.registry) has no \(reference); push the image or check its name.")
        case 401, 403:
            throw Fault(
                "The registry \(reference.registry) refuses \(reference) without a login; allow anonymous pulls.")
        case 429: throw Fault("The registry \(reference.registry) limits requests at present; wait and try again.")
        default:
            throw Fault(
                "The registry \(reference.registry) answered \(status.code) for \(reference); look into its log.")
        }
    }
}
