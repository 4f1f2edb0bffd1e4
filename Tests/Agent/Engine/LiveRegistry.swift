import Agent
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Puts small images of our own into the registry (OCI distribution specification, section "Push").
struct LiveRegistry {
    let address: String

    /// Labels, platform and one layer of an image that holds one small file.
    struct Image {
        var labels: [String: String] = [:]
        var platform = Platform.machine
        var content: [UInt8] = Array("x".utf8)
        /// What is run; the layer holds only /flight.
        var entry = "/flight"
    }

    /// Pushes the image under `tag`, behind an index of this one platform; gives the index's digest.
    func push(_ image: Image, repository: String, tag: String) async throws -> Digest {
        let layer = tar(name: "flight", content: image.content)
        let layerDigest = try await upload(layer, repository)
        let config: [String: Any] = [
            "os": image.platform.os, "architecture": image.platform.architecture,
            "config": ["Labels": image.labels, "Entrypoint": [image.entry]],
            "rootfs": ["type": "layers", "diff_ids": [layerDigest.text]],
        ]
        let configBytes = try json(config)
        let configDigest = try await upload(configBytes, repository)
        let manifest = try json([
            "schemaVersion": 2, "mediaType": Manifest.mediaTypes[2],
            "config": descriptor("application/vnd.oci.image.config.v1+json", configDigest, configBytes.count),
            "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", layerDigest, layer.count)],
        ])
        let manifestDigest = Digest(of: manifest)
        try await put(manifest, Manifest.mediaTypes[2], "/v2/\(repository)/manifests/\(manifestDigest)")
        var entry = descriptor(Manifest.mediaTypes[2], manifestDigest, manifest.count)
        entry["platform"] = ["os": image.platform.os, "architecture": image.platform.architecture]
        let index = try json(["schemaVersion": 2, "mediaType": Manifest.mediaTypes[0], "manifests": [entry]])
        try await put(index, Manifest.mediaTypes[0], "/v2/\(repository)/manifests/\(tag)")
        return Digest(of: index)
    }

    private func descriptor(_ type: String, _ digest: Digest, _ size: Int) -> [String: Any] {
        ["mediaType": type, "digest": digest.text, "size": size]
    }

    private func json(_ value: [String: Any]) throws -> [UInt8] {
        Array(try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes]))
    }

    private func upload(_ bytes: [UInt8], _ repository: String) async throws -> Digest {
        let digest = Digest(of: bytes)
        let location = try await send("POST", "http://\(address)/v2/\(repository)/blobs/uploads/", [], nil)
        let mark = location.contains("?") ? "&" : "?"
        _ = try await send("PUT", "\(location)\(mark)digest=\(digest)", bytes, "application/octet-stream")
        return digest
    }

    private func put(_ bytes: [UInt8], _ type: String, _ path: String) async throws {
        _ = try await send("PUT", "http://\(address)\(path)", bytes, type)
    }

    /// The answer's Location.
    private func send(_ method: String, _ address: String, _ body: [UInt8], _ type: String?) async throws -> String {
        guard let url = URL(string: address) else { throw Fault("'\(address)' is no address.") }
        var request = URLRequest(url: url, timeoutInterval: 20)
        request.httpMethod = method
        request.httpBody = Data(body)
        if let type { request.setValue(type, forHTTPHeaderField: "Content-Type") }
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let answer = response as? HTTPURLResponse, (200..<300).contains(answer.statusCode) else {
            throw Fault("\(method) \(address): \(response): \(String(decoding: data.prefix(200), as: UTF8.self)).")
        }
        return answer.value(forHTTPHeaderField: "Location") ?? ""
    }

    /// A tar archive (POSIX.1-1988 ustar) with one executable file.
    private func tar(name: String, content: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: Array(text.utf8))
        }
        func octal(_ value: Int, digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, at: 0)
        put(octal(0o755, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(octal(content.count, digits: 11), at: 124)
        put(octal(0, digits: 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
        let padding = (512 - content.count % 512) % 512
        return header + content + [UInt8](repeating: 0, count: padding + 1024)
    }
}

// MARK: Another environment for an image that is there

extension LiveRegistry {
    /// Pushes the image under `tag` once more as `other`, with `environment` behind its own: no layer is new.
    func push(_ tag: String, repository: String, as other: String, environment: [String]) async throws {
        let outer = try await document("manifests/\(tag)", repository)
        let entry = try requireObject((outer["manifests"] as? [[String: Any]])?.first, "platform")
        var manifest = try await document("manifests/\(try requireText(entry["digest"], "digest"))", repository)
        let configDigest = try requireText(requireObject(manifest["config"], "configuration")["digest"], "digest")
        var config = try await document("blobs/\(configDigest)", repository)
        var settings = try requireObject(config["config"], "settings")
        settings["Env"] = (settings["Env"] as? [String] ?? []).filter { !$0.hasPrefix("FLAW") } + environment
        config["config"] = settings
        let bytes = try json(config)
        manifest["config"] = descriptor(
            "application/vnd.oci.image.config.v1+json", try await upload(bytes, repository), bytes.count)
        let type = manifest["mediaType"] as? String ?? Manifest.mediaTypes[2]
        manifest["mediaType"] = type
        let whole = try json(manifest)
        try await put(whole, type, "/v2/\(repository)/manifests/\(other)")
    }

    private func document(_ path: String, _ repository: String) async throws -> [String: Any] {
        guard let url = URL(string: "http://\(address)/v2/\(repository)/\(path)") else { throw Fault("'\(path)'") }
        var request = URLRequest(url: url, timeoutInterval: 20)
        request.setValue(Manifest.mediaTypes.joined(separator: ", "), forHTTPHeaderField: "Accept")
        let (data, _) = try await URLSession.shared.data(for: request)
        return try requireObject(JSONSerialization.jsonObject(with: data), path)
    }

    private func requireObject(_ value: Any?, _ what: String) throws -> [String: Any] {
        guard let object = value as? [String: Any] else { throw Fault("The registry has no \(what).") }
        return object
    }

    private func requireText(_ value: Any?, _ what: String) throws -> String {
        guard let text = value as? String else { throw Fault("The registry has no \(what).") }
        return text
    }
}
