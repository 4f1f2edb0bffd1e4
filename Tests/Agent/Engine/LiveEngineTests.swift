import Agent
import Foundation
import Testing

/// Engine and registry as they really are.
@Suite(.serialized, .enabled(if: LiveEngine.shared != nil, LiveEngine.missing), .timeLimit(.minutes(5)))
struct LiveEngineTests {
    static let flight = [ImageLabel.contract: "1", ImageLabel.name: "test", ImageLabel.version: "1"]

    let live: LiveEngine
    let registry: LiveRegistry
    let folder = TestFolder()
    /// Of this test run alone, so that nothing is left of an earlier one.
    let repository = "agent-test-\(UInt32.random(in: 0...UInt32.max))"

    init() throws {
        live = try #require(LiveEngine.shared)
        registry = LiveRegistry(address: live.registry)
    }

    func reference(_ tag: String) throws -> Reference {
        try Reference("\(live.registry)/\(repository):\(tag)", running: nil)
    }

    func using(_ body: (Engine, RegistryClient) async throws -> Void) async throws {
        let connections = Connections()
        do {
            try await body(try await Engine(socket: live.socket, connections), RegistryClient(connections))
        } catch {
            await connections.shutdown()
            throw error
        }
        await connections.shutdown()
    }

    @Test func anImageIsResolvedPulledAndHeld() async throws {
        let index = try await registry.push(.init(labels: Self.flight), repository: repository, tag: "v1")
        try await using { engine, client in
            let image = try await client.resolve(try reference("v1"))
            #expect(image.index == index)
            #expect(image.name == "test" && image.layers.count == 1)
            #expect(try await engine.image(image.pullReference) == nil)
            try await engine.pull(image) { _ in }
            let held = try #require(try await engine.image(image.pullReference))
            #expect(held.isSame(as: image))
            #expect(held.labels[ImageLabel.contract] == "1")
            #expect(image.bytesMissing(stacks: [held.diffs]) == 0)
            // A digest means the same image, whatever the tag does later.
            _ = try await registry.push(.init(labels: Self.flight, content: "y"), repository: repository, tag: "v1")
            #expect(try await client.resolve(try reference("v1")).manifest != image.manifest)
            let pinned = try await client.resolve(try Reference("@\(index)", running: try reference("v1")))
            #expect(pinned.manifest == image.manifest)
        }
    }

    @Test func whatIsNoFlightContainerIsRefused() async throws {
        _ = try await registry.push(.init(), repository: repository, tag: "plain")
        _ = try await registry.push(.init(labels: [ImageLabel.contract: "2"]), repository: repository, tag: "newer")
        let other = Platform(os: "linux", architecture: Platform.machine.architecture == "arm64" ? "amd64" : "arm64")
        _ = try await registry.push(.init(labels: Self.flight, platform: other), repository: repository, tag: "other")
        try await using { _, client in
            for (tag, words) in [
                ("plain", "not a flight container"), ("newer", "contract 2"), ("other", other.architecture),
                ("absent", "has no"),
            ] {
                let reference = try reference(tag)
                let fault = await #expect(throws: Fault.self) { try await client.resolve(reference) }
                #expect(fault?.sentence.contains(words) == true, "\(fault?.sentence ?? "")")
                #expect(fault?.sentence.contains("\n") == false)
            }
        }
    }

    @Test func aPullThatFailsIsAnError() async throws {
        _ = try await registry.push(.init(labels: Self.flight), repository: repository, tag: "v1")
        try await using { engine, client in
            var image = try await client.resolve(try reference("v1"))
            image.pullReference = image.pullReference.replacing(repository, with: repository + "-absent")
            let broken = image
            let fault = await #expect(throws: Fault.self) { try await engine.pull(broken) { _ in } }
            #expect(fault?.sentence.hasPrefix("Pulling \(broken.pullReference)") == true, "\(fault?.sentence ?? "")")
        }
    }

    @Test func aContainerIsMadeFoundAndRemoved() async throws {
        _ = try await registry.push(.init(labels: Self.flight, entry: "/absent"), repository: repository, tag: "v1")
        try await using { engine, client in
            let image = try await client.resolve(try reference("v1"))
            try await engine.pull(image) { _ in }
            let plan = ContainerPlan(instance: repository, image: image.pullReference, directory: folder.path)
            let (id, _) = try await engine.create(plan)
            let found = try await engine.flightContainers().first { $0.instance == repository }
            #expect(found?.id == id)
            #expect(found?.state.isRunning == false)
            // It has no program: the engine says so in one sentence.
            let fault = await #expect(throws: Fault.self) { try await engine.start(id) }
            #expect(fault?.sentence.contains("\n") == false)
            let again = await #expect(throws: Fault.self) { try await engine.create(plan) }
            #expect(again?.sentence.contains("409") == true, "\(again?.sentence ?? "")")
            try await engine.stop(id)
            try await engine.kill(id)
            try await engine.remove(id)
            #expect(try await engine.container(id) == nil)
            // What is gone is no error.
            try await engine.stop(id)
            try await engine.remove(id)
            #expect(try await engine.wait(id, seconds: 1) == nil)
        }
    }
}
