internal import FoundationEssentials
internal import Glibc
package import NIOCore
internal import NIOPosix

/// The command line's end of the agent's socket.
package struct AgentClient: Sendable {
    /// Why no result came.
    package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// Nobody listens.
        case unreachable(String)
        /// The agent was there and then was not: what it did goes on or is undone by its successor.
        case lost(String)

        package var description: String {
            switch self {
            case .unreachable(let sentence), .lost(let sentence): sentence
            }
        }
    }

    /// Longest silence of an agent that works: it reports every second.
    package static let idleLimit = TimeAmount.seconds(60)

    private let path: String

    package init(path: String) { self.path = path }

    /// Sends the request, hands each line of progress on and returns the result.
    ///
    /// - Throws: `Failure`.
    package func ask(_ request: AgentRequest, progress: (AgentLine) -> Void) async throws(Failure) -> AgentLine {
        let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.seconds(2))
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(
                            IdleStateHandler(readTimeout: Self.idleLimit), CloseOnIdle())
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            guard (error as? IOError)?.errnoCode != EACCES else { throw .unreachable(notPermitted(path)) }
            throw .unreachable(
                "The agent does not answer at \(path) (\(connectionReason(error))); start 'droneagent serve'. The flight needs no agent."
            )
        }
        do {
            let result = try await connection.executeThenClose { inbound, outbound -> AgentLine? in
                try await outbound.write(ByteBuffer(bytes: jsonLine(request) + [0x0A]))
                var lines = LineSplitter()
                for try await buffer in inbound {
                    for bytes in try lines.add(buffer.readableBytesView) {
                        let line = try JSONDecoder().decode(AgentLine.self, from: Data(bytes))
                        if line.line == .result { return line }
                        progress(line)
                    }
                }
                return nil
            }
            if let result { return result }
        } catch {
            throw .lost(
                "The agent's answer broke off (\(connectionReason(error))); ask 'droneagent status' what it did.")
        }
        throw .lost("The agent ended before it had a result; ask 'droneagent status' what it did.")
    }
}

/// Ends a connection on which nothing comes any more.
private final class CloseOnIdle: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}

/// Why this user reaches neither core nor agent, in one sentence.
func notPermitted(_ path: String) -> String {
    "The socket \(path) is not for this user; join the group that owns it ('sudo adduser $USER droneagent', then log in again), or use sudo."
}
