import Agent
import CPlatform
import Foundation
import Glibc
import Logging
import Testing

/// The agent's socket: what is served, and what is refused in one sentence.
@Suite struct AgentServerTests {
    let folder = TestFolder()
    var path: String { folder.path + "/agent.sock" }

    /// Runs `body` beside a server.
    func serving(_ handler: @escaping AgentServer.Handler, _ body: () async throws -> Void) async throws {
        let (ready, continuation) = AsyncStream.makeStream(of: Void.self)
        let server = AgentServer(
            path: path, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), handler: handler)
        let task = Task { try await server.run { continuation.finish() } }
        for await _ in ready {}
        do {
            try await body()
        } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        _ = await task.result
    }

    /// A stale socket is replaced; anything else in its place is somebody's, and stays.
    @Test func whatIsNoSocketIsLeftAlone() async throws {
        try "mine".write(toFile: path, atomically: true, encoding: .utf8)
        let handler: AgentServer.Handler = { _, _ in .result(.done, "") }
        let server = AgentServer(
            path: path, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), handler: handler)
        await #expect { try await server.run() } throws: { "\($0)".contains("is there and is no socket") }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["agent.sock"])
    }

    @Test func itsSocketIsItsGroups() async throws {
        #expect(da_packet_listen(path, 1) >= 0, "a stale one lies there")
        let handler: AgentServer.Handler = { _, _ in .result(.done, "") }
        try await serving(handler) {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode.map { "\($0)" } == "\(0o660)")
            let result = try await AgentClient(path: path).ask(AgentRequest(.status)) { _ in }
            #expect(result.outcome == .done)
        }
    }

    @Test func progressComesBeforeTheResult() async throws {
        let handler: AgentServer.Handler = { request, progress in
            progress(.progress("pulling", "Half.", done: 1, total: 2, unit: "bytes"))
            progress(.progress("pulling", "All.", done: 2, total: 2, unit: "bytes"))
            return .result(.updated, request.reference ?? "")
        }
        try await serving(handler) {
            var seen: [String] = []
            let result = try await AgentClient(path: path).ask(AgentRequest(.update, reference: "v2")) {
                seen.append($0.text)
            }
            #expect(seen == ["Half.", "All."])
            #expect(result.outcome == .updated && result.text == "v2")
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func nobodyThereIsUnreachable() async throws {
        let failure = await #expect(throws: AgentClient.Failure.self) {
            try await AgentClient(path: path).ask(AgentRequest(.status)) { _ in }
        }
        guard case .unreachable(let sentence) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(sentence.contains(path))
    }

    @Test(arguments: ["no json\n", "{}\n", "{\"verb\":\"explode\"}\n", String(repeating: "x", count: 5000)])
    func whatIsNoRequestIsRefused(text: String) async throws {
        let handler: AgentServer.Handler = { _, _ in .result(.done, "never") }
        try await serving(handler) {
            let line = try await raw(text)
            let answer = try JSONDecoder().decode(AgentLine.self, from: Data(line.utf8))
            #expect(answer.outcome == .refused)
            #expect(!answer.text.contains("\n") && answer.text.hasSuffix("."))
        }
    }

    @Test func aClientThatGoesAwayStopsNothing() async throws {
        let (began, begin) = AsyncStream.makeStream(of: Void.self)
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        let handler: AgentServer.Handler = { _, progress in
            begin.finish()
            for _ in 0..<500 { progress(.progress("shadowing", "On.")) }
            continuation.finish()
            return .result(.done, "")
        }
        try await serving(handler) {
            let fd = try connected()
            _ = "{\"verb\":\"status\"}\n".withCString { write(fd, $0, strlen($0)) }
            // A client that leaves before it is heard is no client: this one leaves while it is served.
            for await _ in began {}
            close(fd)
            for await _ in ended {}
            let result = try await AgentClient(path: path).ask(AgentRequest(.status)) { _ in }
            #expect(result.outcome == .done)
        }
    }

    private func connected() throws -> Int32 {
        let fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let done = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(done == 0)
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return fd
    }

    /// Sends as it stands and reads one line, on a thread of its own: the server needs Swift's pool.
    private func raw(_ text: String) async throws -> String {
        let fd = try connected()
        return await withCheckedContinuation { done in
            Thread {
                defer { close(fd) }
                _ = text.withCString { write(fd, $0, strlen($0)) }
                var line: [UInt8] = []
                var byte: UInt8 = 0
                while line.count < 10_000, read(fd, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
                done.resume(returning: String(decoding: line, as: UTF8.self))
            }.start()
        }
    }
}
