internal import FoundationEssentials

/// One platform of an image, as the OCI image specification writes it.
package struct Platform: Equatable, Sendable, Codable, CustomStringConvertible {
    package var os: String
    package var architecture: String
    /// Of the architecture, such as "v7" or "v8"; nil or empty: not said.
    package var variant: String?

    package init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// Of this program, which is the machine's: agent and flight containers run on one processor.
    package static var machine: Platform {
        #if arch(x86_64)
            Platform(os: "linux", architecture: "amd64", variant: "v1")
        #elseif arch(arm64)
            Platform(os: "linux", architecture: "arm64", variant: "v8")
        #elseif arch(arm)
            Platform(os: "linux", architecture: "arm", variant: "v7")
        #else
            Platform(os: "linux", architecture: "unknown")
        #endif
    }

    package var description: String {
        "\(os)/\(architecture)" + (variant.flatMap { $0.isEmpty ? nil : "/\($0)" } ?? "")
    }

    /// Whether an image of this platform runs on `machine`. Variants of an architecture count upwards and a
    /// machine runs the older ones; an image that says none runs on any.
    package func runs(on machine: Platform) -> Bool {
        guard os == machine.os, architecture == machine.architecture else { return false }
        guard let variant, !variant.isEmpty else { return true }
        guard let mine = machine.variant, let needed = Int(variant.dropFirst()), let have = Int(mine.dropFirst()) else {
            return variant == machine.variant
        }
        return needed <= have
    }
}

/// A pointer to content (OCI image specification, descriptor).
package struct Descriptor: Equatable, Sendable, Codable {
    package var mediaType: String?
    package var digest: Digest
    package var size: Int
    package var platform: Platform?
}

/// What a registry gives for a tag or digest: an index of platforms, or the manifest of one.
package enum Manifest: Equatable, Sendable {
    case index([Descriptor])
    case image(config: Descriptor, layers: [Descriptor])

    /// Media types that are understood, in the order of preference.
    package static let mediaTypes = [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]

    /// Most platforms in an index and layers in an image that are looked at: overlay file systems end at 128.
    private static let entriesMax = 128

    private struct Document: Decodable {
        var schemaVersion: Int?
        var manifests: [Descriptor]?
        var config: Descriptor?
        var layers: [Descriptor]?
    }

    /// - Throws: `Fault` when the bytes are neither an index nor an image manifest.
    package init(_ bytes: [UInt8], of name: String) throws(Fault) {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(bytes))
        } catch {
            throw Fault(
                "The manifest of \(name) is not what the OCI image specification says (\(decodingReason(error))); push the image again."
            )
        }
        guard document.schemaVersion == 2 else {
            throw Fault(
                "The manifest of \(name) has schema version \(document.schemaVersion.map(String.init) ?? "none"), only 2 is read; push the image again."
            )
        }
        guard (document.manifests ?? document.layers ?? []).count <= Self.entriesMax else {
            throw Fault("The manifest of \(name) has more than \(Self.entriesMax) entries; build the image with fewer.")
        }
        if let manifests = document.manifests {
            self = .index(manifests)
        } else if let config = document.config, let layers = document.layers {
            self = .image(config: config, layers: layers)
        } else {
            throw Fault("The manifest of \(name) has neither platforms nor layers; push the image again.")
        }
    }
}

/// The part of an image's configuration that the agent judges.
package struct ImageConfig: Equatable, Sendable, Decodable {
    package struct Container: Equatable, Sendable, Decodable {
        package var labels: [String: String]?

        private enum CodingKeys: String, CodingKey { case labels = "Labels" }
    }

    package struct RootFS: Equatable, Sendable, Decodable {
        package var diffs: [String]?

        private enum CodingKeys: String, CodingKey { case diffs = "diff_ids" }
    }

    package var os: String
    package var architecture: String
    package var variant: String?
    package var config: Container?
    package var rootfs: RootFS?

    /// - Throws: `Fault` when the bytes are no image configuration.
    package init(_ bytes: [UInt8], of name: String) throws(Fault) {
        do {
            self = try JSONDecoder().decode(ImageConfig.self, from: Data(bytes))
        } catch {
            throw Fault(
                "The configuration of \(name) is not what the OCI image specification says (\(decodingReason(error))); push the image again."
            )
        }
    }

    package var platform: Platform { Platform(os: os, architecture: architecture, variant: variant) }
    package var labels: [String: String] { config?.labels ?? [:] }
    package var diffs: [String] { rootfs?.diffs ?? [] }
}

/// Why JSON could not be read, in a few words.
func decodingReason(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? "at the top" : "at \(path)"
    }
    return switch error {
    case DecodingError.keyNotFound(let key, let context): "'\(key.stringValue)' is missing \(place(context))"
    case DecodingError.typeMismatch(_, let context): "a value has another type \(place(context))"
    case DecodingError.valueNotFound(_, let context): "a value is missing \(place(context))"
    case DecodingError.dataCorrupted(let context): "\(context.debugDescription) \(place(context))"
    default: "\(error)"
    }
}
