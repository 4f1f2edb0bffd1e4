import Agent
import CQueue
import Foundation
import Testing

/// Version 2 brings its camera, a container of its own; it changes hands behind a commit.
extension LiveUpdateTests {
    @Test func theCameraComesWithVersion2AndIsHandedOn() async throws {
        let flight = try LiveFlight()
        flight.hasCamera = true
        do {
            try await flight.begin()
            let started = try await flight.ask(AgentRequest(.start, reference: "\(flight.live.registry)/flight:v1"))
            try #require(started.outcome == .done, "\(started.text)")
            let before = try await flight.ask(AgentRequest(.status)).status
            #expect(before?.camera == nil)
            let plan = try await flight.update("v2", dryRun: true)
            #expect(plan.plan?.notes.contains { $0.contains("camera process") && $0.contains(flight.scene) } == true)
            let first = try await flight.update("v2")
            #expect(first.outcome == .updated, "\(first.text)")
            let picture = try await pictures(of: flight, 2)
            #expect(picture.allSatisfy { $0.starts(with: [0xFF, 0xD8]) && $0.count > 1000 })
            let camera = try await container(flight)
            #expect(camera?.state.isRunning == true && camera?.config.labels?[ContainerLabel.role] == "camera")

            // Another image with version 2's program. The scene, as a device, streams to one process only.
            try await flight.registry.push("v2", repository: "flight", as: "test-camera", environment: ["TWIN=1"])
            let second = try await flight.update("test-camera")
            #expect(second.outcome == .updated, "\(second.text)")
            try await flight.until("another camera process runs") {
                guard let now = try? await self.container(flight) else { return false }
                return now.state.isRunning && now.id != camera?.id
            }
            #expect(try await pictures(of: flight, 2).count == 2)

            // Whoever ends it, it comes back; an agent that was restarted finds it.
            try await flight.killAgent()
            try await engine(flight) { try await $0.kill(ContainerPlan.name(of: CameraKeeping.instance)) }
            try await flight.startAgent()
            try await flight.until("the camera process is back") {
                (try? await self.container(flight))?.state.isRunning == true
            }
            #expect(try await pictures(of: flight, 1).count == 1)
            let after = try await flight.ask(AgentRequest(.status)).status
            #expect(after?.camera?.contains("streams from \(flight.scene)") == true, "\(after?.camera ?? "nothing")")
        } catch {
            await flight.end()
            throw error
        }
        await flight.end()
    }

    private func engine<Result>(_ flight: LiveFlight, _ body: (Engine) async throws -> Result) async throws -> Result {
        let connections = Connections()
        do {
            let result = try await body(try await Engine(socket: flight.live.socket, connections))
            await connections.shutdown()
            return result
        } catch {
            await connections.shutdown()
            throw error
        }
    }

    private func container(_ flight: LiveFlight) async throws -> EngineContainer? {
        try await engine(flight) { try await $0.container(ContainerPlan.name(of: CameraKeeping.instance)) }
    }

    /// The next pictures on the flight's socket, 20 s at most.
    private func pictures(of flight: LiveFlight, _ count: Int) async throws -> [[UInt8]] {
        let path = flight.directories.pictures
        let task = Task.detached { () -> [[UInt8]] in
            let context = zmq_ctx_new()
            let socket = zmq_socket(context, ZMQ_SUB)
            defer {
                zmq_close(socket)
                zmq_ctx_term(context)
            }
            var wait: Int32 = 500
            zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait, MemoryLayout<Int32>.size)
            zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0)
            zmq_connect(socket, "ipc://\(path)")
            var found: [[UInt8]] = []
            var buffer = [UInt8](repeating: 0, count: 256 << 10)
            for _ in 0..<40 where found.count < count {
                let size = zmq_recv(socket, &buffer, buffer.count, 0)
                if size > 0 { found.append(Array(buffer[..<Int(size)])) }
            }
            return found
        }
        let found = await task.value
        #expect(found.count == count, "\(flight.log("droneagent"))")
        return found
    }
}
