package import AsyncHTTPClient
internal import Glibc
package import NIOCore
internal import NIOPosix

/// The HTTP clients of the agent, with a limit on everything and without repeats.
///
/// `calls` is for short answers, `streams` for answers that go on as long as something comes.
package struct Connections: Sendable {
    package let calls: HTTPClient
    package let streams: HTTPClient

    /// Until a connection stands; a local socket answers at once or not at all.
    package static let connectLimit = TimeAmount.seconds(2)
    /// Until a short answer is complete: a busy engine takes a second to create a container.
    package static let callLimit = TimeAmount.seconds(15)
    /// Longest silence in a stream: an engine unpacks a layer for some seconds without a word.
    package static let idleLimit = TimeAmount.seconds(30)
    /// Until a stream is over, however much it says: the largest image over a poor link.
    package static let streamLimit = TimeAmount.minutes(15)
    /// Longest JSON answer, bytes.
    package static let bodyMax = 4 << 20

    package init() {
        calls = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration(idle: Self.callLimit))
        streams = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: Self.configuration(idle: Self.idleLimit))
    }

    private static func configuration(idle: TimeAmount) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: connectLimit, read: idle, write: callLimit)
        // By default a refused connection is tried again until the deadline: a dead engine becomes a wait.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .follow(max: 3, allowCycles: false)
        configuration.httpVersion = .http1Only
        return configuration
    }

    /// Closes all connections. Call once, at the end.
    package func shutdown() async {
        try? await calls.shutdown()
        try? await streams.shutdown()
    }
}

/// Why an HTTP call came to nothing, in a few words.
func connectionReason(_ error: any Error) -> String {
    switch error {
    case let error as HTTPClientError:
        switch error {
        case .connectTimeout: "no connection within \(Connections.connectLimit.nanoseconds / 1_000_000_000) s"
        case .readTimeout: "it fell silent"
        case .deadlineExceeded: "the time limit is over"
        case .remoteConnectionClosed: "it closed the connection"
        case .cancelled: "it was cancelled"
        default: "\(error)"
        }
    case is CancellationError: "it was cancelled"
    case is NIOTooManyBytesError: "the answer is longer than \(Connections.bodyMax) bytes"
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { connectionReason($0.error) } ?? "no address"
    default: "\(error)"
    }
}
