import Agent
import Bench
import Foundation
import NIOCore
import Testing

/// Engine and registry in trouble: the real ones behind the bench's proxy, with limits short enough for a test. Each
/// step comes to an end in bounded time, with one sentence.
extension LiveEngineTests {
    private static func short() -> CallLimits {
        var limits = CallLimits()
        limits.call = .seconds(1)
        limits.idle = .seconds(1)
        limits.stream = .seconds(3)
        limits.streamBody = 1 << 20
        return limits
    }

    /// s: every step of these tests is over by then.
    private static let bound = 8.0

    private func troubled(_ body: (Proxy, Proxy, Connections) async throws -> Void) async throws {
        let inFrontOfEngine = try Proxy(.unix(folder.path + "/e.sock"), before: .unix(live.socket), .http)
        let inFrontOfRegistry = try Proxy(.loopback(0), before: StreamPlace(address: live.registry), .http)
        let connections = Connections(limits: Self.short())
        do { try await body(inFrontOfEngine, inFrontOfRegistry, connections) } catch {
            inFrontOfEngine.end()
            inFrontOfRegistry.end()
            await connections.shutdown()
            throw error
        }
        inFrontOfEngine.end()
        inFrontOfRegistry.end()
        await connections.shutdown()
    }

    private func expect(
        _ words: String, _ what: String, _ work: () async throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let begin = ContinuousClock.now
        let fault = await #expect(throws: Fault.self, "\(what)", sourceLocation: sourceLocation) { try await work() }
        let sentence = fault?.sentence ?? ""
        print("\(what): \(sentence)")
        #expect(
            sentence.contains(words) && !sentence.contains("\n"), "\(what): \(sentence)", sourceLocation: sourceLocation
        )
        #expect(ContinuousClock.now - begin < .seconds(Self.bound), "\(what)", sourceLocation: sourceLocation)
    }

    @Test func aRegistryInTroubleIsOneSentence() async throws {
        _ = try await registry.push(.init(labels: Self.flight), repository: repository, tag: "v1")
        try await troubled { _, proxy, connections in
            let client = RegistryClient(connections)
            let reference = try Reference("\(proxy.address)/\(repository):v1", running: nil)
            let whole = try await client.resolve(reference)
            let cases: [(Disturbance, String)] = [
                (Disturbance(.refuse), "does not answer"),
                (Disturbance(.hang), "does not answer"),
                (Disturbance(.throttle(1)), "does not"),
                (Disturbance(.delay(2)), "does not answer"),
                (Disturbance(.cut(after: 300)), "does not answer"),
                (Disturbance(.endless(piece: "          ")), "does not come to an end"),
                (Disturbance(.status(401, "")), "without a login"),
                (Disturbance(.status(404, "")), "has no"),
                (Disturbance(.status(429, "")), "limits requests"),
                (Disturbance(.status(500, "")), "answered 500"),
                // The bytes of a digest are not those that were asked for.
                (Disturbance(.flip(at: 20), path: "/manifests/sha256:"), "tampered with or damaged"),
                (Disturbance(.flip(at: 20), path: "/blobs/sha256:"), "does not match its digest"),
            ]
            for (disturbance, words) in cases {
                proxy.disturb([disturbance])
                await expect(words, "registry, \(disturbance.words)") { _ = try await client.resolve(reference) }
            }
            proxy.disturb([])
            #expect(try await client.resolve(reference) == whole)
        }
    }

    @Test func anEngineInTroubleIsOneSentence() async throws {
        _ = try await registry.push(.init(labels: Self.flight), repository: repository, tag: "v1")
        try await troubled { proxy, _, connections in
            let image = try await RegistryClient(connections).resolve(try reference("v1"))
            let engine = try await Engine(socket: proxy.address, connections)
            let cases: [(Disturbance, String)] = [
                (Disturbance(.refuse), "does not answer"),
                (Disturbance(.hang), "does not answer"),
                (Disturbance(.throttle(1)), "container engine"),
                (Disturbance(.cut(after: 40)), "does not answer"),
                (Disturbance(.status(500, "no space left on device")), "no space left on device"),
            ]
            for (disturbance, words) in cases {
                proxy.disturb([disturbance])
                await expect(words, "engine, \(disturbance.words)") { try await engine.pull(image) { _ in } }
            }
            proxy.disturb([Disturbance(.endless(piece: "{\"status\":\"Waiting\"}\n"), path: "/images/create")])
            await expect("longer than 1048576", "engine, endless progress") { try await engine.pull(image) { _ in } }
            proxy.disturb([Disturbance(.endless(piece: "no line"), path: "/images/create")])
            await expect("A line is longer than", "engine, endless line") { try await engine.pull(image) { _ in } }
            proxy.disturb([])
            try await engine.pull(image) { _ in }
        }
    }

    /// The registry gives the engine other bytes, fewer, or more than the digest stands for.
    @Test func aPullInTroubleIsOneSentence() async throws {
        let content = (0..<400_000).map { _ in UInt8.random(in: 0...255) }
        _ = try await registry.push(.init(labels: Self.flight, content: content), repository: repository, tag: "v1")
        try await troubled { _, proxy, connections in
            var limits = CallLimits()
            limits.stream = .seconds(30)
            let patient = Connections(limits: limits)
            let engine = try await Engine(socket: live.socket, patient)
            let reference = try Reference("\(proxy.address)/\(repository):v1", running: nil)
            let image = try await RegistryClient(connections).resolve(reference)
            let layer = try #require(image.layers.first?.digest)
            let cases: [(Disturbance, String)] = [
                (Disturbance(.flip(at: 700), path: "/blobs/\(layer)"), "verification failed"),
                (
                    Disturbance(.endless(piece: String(repeating: "x", count: 512)), path: "/blobs/\(layer)"),
                    "has more than"
                ),
                (Disturbance(.status(404, ""), path: "/blobs/\(layer)"), "failed in the engine"),
                (Disturbance(.status(401, ""), path: "/blobs/\(layer)"), "failed in the engine"),
                (Disturbance(.status(429, ""), path: "/blobs/\(layer)"), "failed in the engine"),
            ]
            for (disturbance, words) in cases {
                proxy.disturb([disturbance])
                await expect(words, "pull, \(disturbance.words)") { try await engine.pull(image) { _ in } }
                #expect(try await engine.image(image.pullReference) == nil)
            }
            proxy.disturb([Disturbance(.throttle(1_000_000))])
            try await engine.pull(image) { _ in }
            #expect(try await engine.image(image.pullReference)?.isSame(as: image) == true)
            await patient.shutdown()
        }
    }

    /// The engine says of another image that it is the one (invariant 5).
    @Test func anotherImageThanTheDigestIsRefused() async throws {
        _ = try await registry.push(.init(labels: Self.flight), repository: repository, tag: "v1")
        _ = try await registry.push(.init(labels: Self.flight, content: [0x79]), repository: repository, tag: "v2")
        try await troubled { proxy, _, connections in
            let client = RegistryClient(connections)
            let images = try await (client.resolve(try reference("v1")), client.resolve(try reference("v2")))
            let engine = try await Engine(socket: proxy.address, connections)
            try await engine.pull(images.0) { _ in }
            proxy.disturb([Disturbance(.instead(of: "\(images.1.manifest)", to: "\(images.0.manifest)"))])
            await expect("remove the image", "engine, another image") { try await engine.pull(images.1) { _ in } }
            let held = try #require(try await engine.image(images.1.pullReference))
            #expect(!held.isSame(as: images.1))
        }
    }
}
