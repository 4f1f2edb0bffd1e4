package import Agent
internal import HTTPTypes
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The console: one page that shows the flight, and a button each for update and rollback.
package struct ConsoleServer: Sendable {
    /// Where it listens.
    package struct Place: Equatable, Sendable {
        /// Address or name.
        package var bind: String
        /// 0: any that is free.
        package var port: Int

        package init(bind: String = "127.0.0.1", port: Int = Self.defaultPort) {
            self.bind = bind
            self.port = port
        }

        package static let defaultPort = 8480
    }

    /// Connections at once: pages that show the flight, and as many again that ask. More wait to be accepted.
    private static let connectionsMax = 3 * Feed.clientsMax
    /// A connection on which nothing is asked, or a head that does not come, is closed.
    private static let idleLimit = TimeAmount.seconds(15)
    /// Of all of a request's header fields, bytes.
    private static let headMax = 8 << 10

    private let place: Place
    private let token: String
    private let feed = Feed()
    private let flight: FlightWatch
    private let agent: AgentWatch
    private let camera: CameraWatch
    private let pictures = Pictures()
    private let library: Library
    private let logger: Logger

    /// `recordPath` is of the flight log that the core writes, `library` of the folder with the charts' library.
    package init(
        directories: Directories, recordPath: String, place: Place, token: String = Gate.makeToken(),
        library: String = Library.folder, logger: Logger
    ) {
        let core = CoreClient(path: directories.coreSocket)
        self.place = place
        self.token = token
        self.library = Library(folder: library)
        self.logger = logger
        flight = FlightWatch(core: core, recordPath: recordPath, feed: feed, pictures: pictures)
        camera = CameraWatch(path: directories.pictures, pictures: pictures)
        agent = AgentWatch(agent: AgentClient(path: directories.agentSocket), core: core, feed: feed)
    }

    /// Serves until the task is cancelled; `ready` is told port and token when browsers can connect.
    ///
    /// - Throws: `Fault` when it cannot listen.
    package func run(ready: @escaping @Sendable (_ port: Int, _ token: String) -> Void) async throws(Fault) {
        let requests = Requests(
            gate: Gate(bind: place.bind, token: token), feed: feed, agent: agent, library: library,
            metrics: FlightMetrics(), pictures: pictures)
        let token = token
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: { request, writer, channel in
                    let response = await requests.answer(request, channel)
                    do { try await writer.write(response: response.head, body: response.body) } catch is HTTPParserError
                    {
                        // Passed on, it would be answered once more, behind what is written already.
                        throw BrokenOff()
                    }
                },
                configuration: .init(
                    idleTimeout: Self.idleLimit,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.headMax, maxHeaderListSize: Self.headMax, maxHeaderFieldCount: 64))),
            configuration: ServerConfiguration(
                address: .hostname(place.bind, port: place.port), backlog: Self.connectionsMax,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionsMax, logger: logger)),
            onServerRunning: { channel in ready(channel.localAddress?.port ?? 0, token) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let (flight, agent, camera) = (flight, agent, camera)
        let failure = await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                await flight.run()
                return nil
            }
            group.addTask {
                await agent.run()
                return nil
            }
            group.addTask {
                await camera.run()
                // Without pictures the page goes on.
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
                return nil
            }
            group.addTask {
                do { try await server.run() } catch { return error }
                return nil
            }
            // Who ends first ends all: the server when it cannot listen, each when the task is cancelled.
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let failure, !Task.isCancelled else { return }
        throw Fault(
            "The console cannot listen at \(place.bind), port \(place.port) (\(connectionReason(failure))); give another "
                + "address with --bind or another port with --port.")
    }
}

/// What came on a connection stopped being HTTP while an answer was written.
private struct BrokenOff: Error {}
