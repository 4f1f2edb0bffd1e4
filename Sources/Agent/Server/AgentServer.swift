internal import FoundationEssentials
internal import Glibc
package import Logging
package import NIOCore
internal import NIOPosix
internal import Synchronization

/// The agent's end of the socket that the command line speaks to.
///
/// One request line, then lines of progress and one result. Peers of another user than the agent's or root
/// are refused; lines, connections and waiting times are bounded. A client that goes away stops nothing.
package final class AgentServer: Sendable {
    /// Carries a request out: calls the closure for each line of progress and returns the result.
    package typealias Handler = @Sendable (AgentRequest, @escaping @Sendable (AgentLine) -> Void) async -> AgentLine

    /// Connections at once: a person, a watcher and a script, with a margin.
    package static let connectionsMax = 8
    /// Longest request, bytes: a reference has 512.
    package static let requestMax = 4096
    /// Until the request line must be complete.
    package static let requestLimit = TimeAmount.seconds(5)
    /// Lines of progress that wait for a slow reader; newer ones are dropped, the result never.
    package static let progressMax = 64

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let path: String
    private let handler: Handler
    private let logger: Logger
    private let open = Mutex(0)

    package init(path: String, logger: Logger, handler: @escaping Handler) {
        self.path = path
        self.logger = logger
        self.handler = handler
    }

    /// Serves until the task is cancelled; `ready` is called when clients can connect.
    ///
    /// - Throws: `Fault` when the socket cannot be bound.
    package func run(ready: @Sendable () -> Void = {}) async throws(Fault) {
        // Under another name until its mode is right: who sees the socket can connect, and only who may.
        let newPath = path + ".new"
        var there = stat()
        guard lstat(path, &there) != 0 || there.st_mode & S_IFMT == S_IFSOCK else {
            throw Fault("\(path) is there and is no socket; move it away, for the agent's socket goes there.")
        }
        let server: NIOAsyncChannel<Connection, Never>
        do {
            server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.backlog, value: 16)
                .bind(unixDomainSocketPath: newPath, cleanupExistingSocketFile: true) { channel in
                    channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
                }
        } catch {
            throw Fault(
                "The agent's socket \(path) cannot be bound (\(connectionReason(error))); check that its folder exists."
            )
        }
        // Who may command is its user, its group and root: the kernel sees to it.
        let code = chmod(newPath, 0o660) == 0 && rename(newPath, path) == 0 ? 0 : errno
        try? await server.executeThenClose { connections in
            guard code == 0 else { return }
            ready()
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections { group.addTask { await self.serve(connection) } }
            }
        }
        guard code == 0 else {
            unlink(newPath)
            throw Fault(
                "The agent's socket cannot be placed at \(path) (\(String(cString: strerror(code)))); move away what is there."
            )
        }
        unlink(path)
    }

    /// One connection, from its request to its result.
    private func serve(_ connection: Connection) async {
        let count = open.withLock { count in
            count += 1
            return count
        }
        defer { open.withLock { $0 -= 1 } }
        try? await connection.executeThenClose { inbound, outbound in
            do throws(Fault) {
                guard count <= Self.connectionsMax else {
                    throw Fault("The agent has \(Self.connectionsMax) connections already; close one and try again.")
                }
                let request = try await request(inbound, connection.channel)
                try await answer(request, outbound)
            } catch {
                try await write(.result(.refused, error.sentence), outbound)
            }
        }
    }

    private func request(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ channel: any Channel
    ) async throws(Fault) -> AgentRequest {
        let limit = channel.eventLoop.scheduleTask(in: Self.requestLimit) { channel.close(promise: nil) }
        defer { limit.cancel() }
        var lines = LineSplitter()
        var count = 0
        do {
            for try await buffer in inbound {
                count += buffer.readableBytes
                guard count <= Self.requestMax else {
                    throw Fault("The request is longer than \(Self.requestMax) bytes; send one JSON line.")
                }
                if let line = try lines.add(buffer.readableBytesView).first {
                    return try JSONDecoder().decode(AgentRequest.self, from: Data(line))
                }
            }
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(
                "The request is not understood (\(decodingReason(error))); use a droneagent of the same version.")
        }
        throw Fault("The connection ended before a request line was complete.")
    }

    private func answer(
        _ request: AgentRequest, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws(Fault) {
        let (progress, continuation) = AsyncStream.makeStream(
            of: AgentLine.self, bufferingPolicy: .bufferingOldest(Self.progressMax))
        logger.debug(
            "request", metadata: ["verb": "\(request.verb.rawValue)", "reference": "\(request.reference ?? "")"])
        async let result = handle(request, continuation)
        // A client that went away ends the writing, never the work.
        for await line in progress { try? await write(line, outbound) }
        try? await write(await result, outbound)
    }

    private func handle(
        _ request: AgentRequest, _ continuation: AsyncStream<AgentLine>.Continuation
    ) async -> AgentLine {
        defer { continuation.finish() }
        return await handler(request) { line in continuation.yield(line) }
    }

    private func write(_ line: AgentLine, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        try await outbound.write(ByteBuffer(bytes: line.json + [0x0A]))
    }
}

extension AgentLine {
    /// As one JSON object without line feeds.
    package var json: [UInt8] { jsonLine(self) }
}

/// A value as JSON on one line, keys sorted; what JSON cannot hold becomes a refusal that says so.
package func jsonLine(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A battery without chip, a division by a zero time: JSON has no word for them.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else {
        return Array(
            #"{"line":"result","outcome":"refused","text":"The agent could not write its answer as JSON; look into its log and report it."}"#
                .utf8)
    }
    return Array(data)
}
