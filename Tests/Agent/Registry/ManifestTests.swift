import Agent
import Testing

/// What a registry may answer.
@Suite struct ManifestTests {
    static let digest = "sha256:" + String(repeating: "a", count: 64)

    static func manifest(_ json: String) throws(Fault) -> Manifest { try Manifest(Array(json.utf8), of: "x/flight:v1") }

    @Test func indexAndImageAreRead() throws {
        let index = try Self.manifest(
            #"{"schemaVersion":2,"manifests":[{"digest":"\#(Self.digest)","size":3,"platform":{"os":"linux","architecture":"arm64","variant":"v8"}}]}"#
        )
        guard case .index(let platforms) = index else { throw Fault("no index") }
        #expect(platforms.first?.platform == Platform(os: "linux", architecture: "arm64", variant: "v8"))
        let image = try Self.manifest(
            #"{"schemaVersion":2,"config":{"digest":"\#(Self.digest)","size":3},"layers":[{"digest":"\#(Self.digest)","size":7}]}"#
        )
        guard case .image(_, let layers) = image else { throw Fault("no image") }
        #expect(layers.map(\.size) == [7])
    }

    @Test(arguments: [
        "", "no json", "{}", #"{"schemaVersion":1}"#, #"{"schemaVersion":2}"#,
        #"{"schemaVersion":2,"config":{"digest":"sha256:zz","size":3},"layers":[]}"#,
        #"{"schemaVersion":2,"manifests":[{"size":3}]}"#,
    ])
    func anythingElseIsOneSentence(json: String) throws {
        let fault = try #require(throws: Fault.self) { try Self.manifest(json) }
        #expect(fault.sentence.contains("x/flight:v1"))
        #expect(!fault.sentence.contains("\n"))
    }

    @Test func tooManyLayersAreRefused() throws {
        let layer = #"{"digest":"\#(Self.digest)","size":7}"#
        let layers = [String](repeating: layer, count: 200).joined(separator: ",")
        #expect(throws: Fault.self) {
            try Self.manifest(#"{"schemaVersion":2,"config":\#(layer),"layers":[\#(layers)]}"#)
        }
    }

    @Test(
        arguments: [
            ("amd64", nil, "amd64", "v1", true), ("amd64", "v3", "amd64", "v1", false),
            ("arm64", nil, "arm64", "v8", true),
            ("arm64", "v8", "arm64", "v8", true), ("arm", "v6", "arm", "v7", true), ("arm", "v7", "arm", "v6", false),
            ("arm64", "v8", "amd64", "v1", false), ("amd64", "vx", "amd64", "v1", false),
        ] as [(String, String?, String, String?, Bool)])
    func variants(architecture: String, variant: String?, machine: String, its: String?, runs: Bool) {
        let image = Platform(os: "linux", architecture: architecture, variant: variant)
        #expect(image.runs(on: Platform(os: "linux", architecture: machine, variant: its)) == runs)
        #expect(!Platform(os: "windows", architecture: machine, variant: its).runs(on: image))
    }

    @Test func sharedLayersAreNotPulled() throws {
        let layers = try ["base", "program"].enumerated().map { index, diff in
            ResolvedImage.Layer(digest: try #require(Digest(Self.digest)), bytes: [800, 60][index], diff: diff)
        }
        let digest = try #require(Digest(Self.digest))
        let image = ResolvedImage(
            reference: "x", pullReference: "x", index: nil, manifest: digest, config: digest, platform: .machine,
            name: "",
            version: "", layers: layers)
        #expect(image.bytesMissing(stacks: []) == 860)
        #expect(image.bytesMissing(stacks: [["base", "other"]]) == 60)
        #expect(image.bytesMissing(stacks: [["other"], ["base", "program"]]) == 0)
        #expect(image.bytesMissing(stacks: [["program", "base"]]) == 860)
    }
}
