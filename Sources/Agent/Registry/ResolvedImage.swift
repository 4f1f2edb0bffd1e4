/// An image that a reference named at one moment, down to digests; nothing later asks for the tag again.
package struct ResolvedImage: Equatable, Sendable, Codable {
    /// As the user wrote it, made whole.
    package var reference: String
    /// Registry and repository, at the platform's manifest: what is pulled.
    package var pullReference: String
    /// nil: the reference named the platform's manifest itself.
    package var index: Digest?
    package var manifest: Digest
    package var config: Digest
    package var platform: Platform
    package var name: String
    package var version: String
    /// Whether `/flight camera` is a camera process; nil: written down before there were any.
    package var hasCamera: Bool?
    /// Compressed bytes of all layers.
    package var bytes: Int
    /// Layers, compressed size and digest of the uncompressed content each, bottom first.
    package var layers: [Layer]

    package struct Layer: Equatable, Sendable, Codable {
        package var digest: Digest
        package var bytes: Int
        package var diff: String

        package init(digest: Digest, bytes: Int, diff: String) {
            self.digest = digest
            self.bytes = bytes
            self.diff = diff
        }
    }

    package init(
        reference: String, pullReference: String, index: Digest?, manifest: Digest, config: Digest, platform: Platform,
        name: String, version: String, hasCamera: Bool = false, layers: [Layer]
    ) {
        self.reference = reference
        self.pullReference = pullReference
        self.index = index
        self.manifest = manifest
        self.config = config
        self.platform = platform
        self.name = name
        self.version = version
        self.hasCamera = hasCamera
        self.layers = layers
        bytes = layers.reduce(0) { $0 + $1.bytes }
    }

    /// For people: its reference, and what that stood for.
    var named: String { "\(reference) (\(manifest.short))" }

    /// Bytes that have to be pulled onto an engine whose images have these stacks of uncompressed layers.
    /// Engines share layers from the bottom up.
    package func bytesMissing(stacks: [[String]]) -> Int {
        let shared = stacks.map { stack in zip(layers, stack).prefix { $0.diff == $1 }.count }.max() ?? 0
        return layers.dropFirst(shared).reduce(0) { $0 + $1.bytes }
    }
}

/// Labels of a flight container's image.
package enum ImageLabel {
    /// Version of the wire contract that the container speaks.
    package static let contract = "org.droneagent.contract"
    package static let name = "org.droneagent.name"
    package static let version = "org.droneagent.version"
    /// `1`: the image has a camera process, `/flight camera`, and needs a camera for it.
    package static let camera = "org.droneagent.camera"
}

extension RegistryClient {
    /// Finds what `reference` names for `machine` and judges whether it is a flight container.
    ///
    /// - Throws: `Fault` when it is absent, of another platform or no flight container.
    package func resolve(_ reference: Reference, machine: Platform = .machine) async throws(Fault) -> ResolvedImage {
        let (digest, manifest) = try await manifest(reference)
        switch manifest {
        case .image(let config, let layers):
            return try await judge(reference, index: nil, digest, config, layers, machine)
        case .index(let platforms):
            guard let chosen = platforms.first(where: { $0.platform?.runs(on: machine) ?? false }) else {
                let offered = platforms.compactMap { $0.platform?.description }.joined(separator: ", ")
                throw Fault(
                    "\(reference) is built for \(offered.isEmpty ? "no platform" : offered), this machine is \(machine); build it for this one."
                )
            }
            let (inner, image) = try await self.manifest(reference.at(chosen.digest))
            guard case .image(let config, let layers) = image else {
                throw Fault("\(reference) is an index within an index; push it as one index of image manifests.")
            }
            return try await judge(reference, index: digest, inner, config, layers, machine)
        }
    }

    private func judge(
        _ reference: Reference, index: Digest?, _ manifest: Digest, _ config: Descriptor, _ layers: [Descriptor],
        _ machine: Platform
    ) async throws(Fault) -> ResolvedImage {
        let settings = try await self.config(config.digest, reference)
        guard settings.platform.runs(on: machine) else {
            throw Fault(
                "\(reference) is built for \(settings.platform), this machine is \(machine); build it for this one.")
        }
        try settings.checkContract(of: "\(reference)")
        guard settings.diffs.count == layers.count else {
            throw Fault(
                "\(reference) lists \(layers.count) layers but \(settings.diffs.count) contents; push the image again.")
        }
        return ResolvedImage(
            reference: "\(reference)", pullReference: "\(reference.at(manifest))", index: index, manifest: manifest,
            config: config.digest, platform: settings.platform, name: settings.labels[ImageLabel.name] ?? "",
            version: settings.labels[ImageLabel.version] ?? "", hasCamera: settings.labels[ImageLabel.camera] == "1",
            layers: zip(layers, settings.diffs).map { ResolvedImage.Layer(digest: $0.digest, bytes: $0.size, diff: $1) }
        )
    }
}

extension ImageConfig {
    /// - Throws: `Fault` unless the image says that it speaks this contract.
    func checkContract(of name: String) throws(Fault) {
        guard let contract = labels[ImageLabel.contract] else {
            throw Fault("\(name) is not a flight container: it has no label \(ImageLabel.contract); build it as one.")
        }
        guard contract == "1" else {
            throw Fault(
                "\(name) speaks contract \(contract), this agent speaks 1; build it against this agent's header.")
        }
    }
}
