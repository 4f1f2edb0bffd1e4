import Agent
import Bench
import CContract
import Contract
import Foundation
import Testing

/// Engine and registry in trouble while it flies: each update is refused with one sentence, and the old one flies on.
extension LiveUpdateTests {
    private struct Trouble {
        var engine: [Disturbance] = []
        var registry: [Disturbance] = []
        var tag: String
        var words: String
    }

    private static let troubles = [
        Trouble(registry: [Disturbance(.refuse)], tag: "v2", words: "does not answer"),
        Trouble(registry: [Disturbance(.status(429, ""))], tag: "v2", words: "limits requests"),
        Trouble(registry: [Disturbance(.status(500, ""))], tag: "v2", words: "answered 500"),
        Trouble(
            registry: [Disturbance(.flip(at: 20), path: "/manifests/sha256:")], tag: "v2", words: "tampered with"),
        Trouble(registry: [Disturbance(.endless(piece: " "))], tag: "v2", words: "does not come to an end"),
        Trouble(engine: [Disturbance(.refuse)], tag: "v2", words: "does not answer"),
        Trouble(
            engine: [Disturbance(.status(500, "no space left on device"), path: "/containers/create")], tag: "v2",
            words: "no space left on device"),
        Trouble(engine: [Disturbance(.cut(after: 10), path: "/start")], tag: "v2", words: "does not answer"),
        Trouble(
            registry: [Disturbance(.endless(piece: "xxxxxxxx"), path: "/blobs/sha256:LAYER")], tag: "test-large",
            words: "has more than"),
        Trouble(
            registry: [Disturbance(.flip(at: 700), path: "/blobs/sha256:LAYER")], tag: "test-large",
            words: "verification failed"),
    ]

    /// The engine goes on making a container whoever has stopped waiting for its answer.
    @Test func callingOffWhileTheEngineMakesAContainerLeavesNothing() async throws {
        try await flying { flight in
            let engine = try Proxy(
                .unix(flight.folder.path + "/e.sock"), before: .unix(flight.live.socket), .http)
            defer { engine.end() }
            try await flight.killAgent()
            try await flight.startAgent(engine: engine.address)
            let owner = try flight.owner()
            // Bytes a second: some two seconds until the answer is there.
            engine.disturb([Disturbance(.throttle(150), path: "/containers/create")])
            let update = flight.updating("v2")
            try await flight.until("the candidate is attached") {
                (try? flight.core.status().instances.count) == 2
            }
            try await callOff(update, of: flight, owner: owner)
        }
    }

    @Test func engineAndRegistryInTroubleLeaveTheOldOneFlying() async throws {
        try await flying { flight in
            let engine = try Proxy(
                .unix(flight.folder.path + "/e.sock"), before: .unix(flight.live.socket), .http)
            let registry = try Proxy(.loopback(0), before: StreamPlace(address: flight.live.registry), .http)
            defer {
                engine.end()
                registry.end()
            }
            try await flight.killAgent()
            try await flight.startAgent(engine: engine.address)
            let pilot = try PilotThread(flight.directories.coreSocket)
            defer { pilot.stop() }
            try await flight.until("it flies") { (try? flight.core.status().mode) == FlightMode.fly.rawValue }
            var image = LiveRegistry.Image(labels: LiveEngineTests.flight)
            image.content = (0..<300_000).map { _ in UInt8.random(in: 0...255) }
            _ = try await flight.registry.push(image, repository: "flight", tag: "test-large")
            let large = try await layer(of: "\(flight.live.registry)/flight:test-large")
            let owner = try flight.owner()
            let before = try flight.core.status()

            for trouble in Self.troubles {
                engine.disturb(trouble.engine)
                registry.disturb(
                    trouble.registry.map {
                        Disturbance($0.kind, path: $0.path.replacing("sha256:LAYER", with: large))
                    })
                let result = try await flight.update("\(registry.address)/flight:\(trouble.tag)")
                let what =
                    (trouble.engine.map { "engine \($0.words)" } + trouble.registry.map { "registry \($0.words)" })
                    .joined()
                print("\(what): \(result.text)")
                #expect(result.outcome == .refused, "\(what): \(result.text)")
                #expect(result.text.contains(trouble.words) && !result.text.contains("\n"), "\(what): \(result.text)")
                engine.disturb([])
                registry.disturb([])
                // Had the engine no ear for the end of the update, the agent clears up now.
                try await flight.until("the agent is free") {
                    ((try? Journal(path: flight.directories.journal).instances().count) ?? 0) == 1
                }
            }
            try await whenTheDiskIsFull(flight, registry)
            let after = try flight.core.status()
            #expect(try flight.owner() == owner && pilot.fault == nil)
            #expect(after.owner_epoch == before.owner_epoch && after.ticks_failsafe == before.ticks_failsafe)
            #expect(after.mode == FlightMode.fly.rawValue)

            // Slow, and hung for a second: that is no reason to refuse.
            registry.disturb([Disturbance(.delay(0.3))])
            engine.disturb([Disturbance(.delay(0.1))])
            let daemon = try engineProcess(flight)
            let update = flight.updating("\(registry.address)/flight:v2")
            try await flight.until("the update runs") { (try? await flight.phase()) != nil }
            kill(daemon, SIGSTOP)
            defer { kill(daemon, SIGCONT) }
            try await Task.sleep(for: .seconds(1))
            kill(daemon, SIGCONT)
            let result = try await update.value
            #expect(result.outcome == .updated, "\(result.text) \(flight.log("droneagent"))")
            #expect(try flight.core.status().ticks_failsafe == before.ticks_failsafe && pilot.fault == nil)
        }
    }

    private func layer(of reference: String) async throws -> String {
        let connections = Connections()
        let image = try await RegistryClient(connections).resolve(try Reference(reference, running: nil))
        await connections.shutdown()
        return try #require(image.layers.first).digest.text
    }

    private func engineProcess(_ flight: LiveFlight) throws -> Int32 {
        let path = URL(fileURLWithPath: flight.live.socket).deletingLastPathComponent().path + "/docker.pid"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// The engine really has no room where it puts what it downloads: a file system of 64 KiB lies over it.
    private func whenTheDiskIsFull(_ flight: LiveFlight, _ registry: Proxy) async throws {
        let folder = URL(fileURLWithPath: flight.live.socket).deletingLastPathComponent().path + "/data/tmp"
        let pid = "\(try engineProcess(flight))"
        try await run(["nsenter", "--mount", "-t", pid, "mount", "-t", "tmpfs", "-o", "size=64k", "full", folder])
        let result: AgentLine
        do { result = try await flight.update("\(registry.address)/flight:test-large") } catch {
            try await run(["nsenter", "--mount", "-t", pid, "umount", folder])
            throw error
        }
        try await run(["nsenter", "--mount", "-t", pid, "umount", folder])
        print("engine without room: \(result.text)")
        #expect(result.outcome == .refused && result.text.contains("no space left on device"), "\(result.text)")
    }

    private func run(_ words: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        try process.run()
        for _ in 0..<200 where process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        try #require(!process.isRunning && process.terminationStatus == 0, "\(words)")
    }
}
