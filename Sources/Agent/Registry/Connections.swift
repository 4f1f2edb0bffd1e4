package import AsyncHTTPClient
internal import Glibc
package import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// How long the agent waits for engine and registry. All are bounds of one call, which is made once.
package struct CallLimits: Sendable {
    /// Until a connection stands; a local socket answers at once or not at all.
    package var connect = TimeAmount.seconds(2)
    /// Until a short answer is complete: a busy engine takes a second to create a container.
    package var call = TimeAmount.seconds(15)
    /// Longest silence in a stream: an engine unpacks a layer for some seconds without a word.
    package var idle = TimeAmount.seconds(30)
    /// Until a stream is over, however much it says: the largest image over a poor link.
    package var stream = TimeAmount.minutes(15)
    /// Longest JSON answer, bytes.
    package var body = 4 << 20
    /// Longest stream, bytes: ten minutes of an engine's progress over four layers are 5 MB.
    package var streamBody = 64 << 20

    package init() {}
}

/// The HTTP clients of the agent, with a limit on everything and without repeats.
///
/// `calls` is for short answers, `streams` for answers that go on as long as something comes.
package struct Connections: Sendable {
    package let calls: HTTPClient
    package let streams: HTTPClient
    package let limits: CallLimits

    package init(limits: CallLimits = CallLimits()) {
        self.limits = limits
        calls = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: Self.configuration(limits, idle: limits.call))
        streams = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: Self.configuration(limits, idle: limits.idle))
    }

    private static func configuration(_ limits: CallLimits, idle: TimeAmount) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: limits.connect, read: idle, write: limits.call)
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

/// The other side says more, or goes on longer, than such an answer may.
enum AnswerOverrun: Error, CustomStringConvertible {
    case bytes(Int)
    case time(TimeAmount)

    var description: String {
        switch self {
        case .bytes(let limit): "its answer is longer than \(limit) bytes"
        case .time(let limit): "its answer is not complete within \(limit.nanoseconds / 1_000_000_000) s"
        }
    }
}

/// The bounds of one answer's body. The client's own deadline ends with the head of the answer: a body that comes byte
/// by byte would go on for ever.
struct AnswerLimit {
    private let bytes: Int
    private let time: TimeAmount
    private let end: NIODeadline
    private var taken = 0

    init(bytes: Int, time: TimeAmount) {
        self.bytes = bytes
        self.time = time
        end = .now() + time
    }

    /// Counts a piece in.
    ///
    /// - Throws: `AnswerOverrun` when it is too much or too late.
    mutating func take(_ piece: ByteBuffer) throws(AnswerOverrun) {
        taken += piece.readableBytes
        guard taken <= bytes else { throw .bytes(bytes) }
        guard .now() < end else { throw .time(time) }
    }

    /// The whole body.
    ///
    /// - Throws: `AnswerOverrun`, or what the connection throws.
    mutating func collect(_ body: HTTPClientResponse.Body) async throws -> [UInt8] {
        var all: [UInt8] = []
        for try await piece in body {
            try take(piece)
            all.append(contentsOf: piece.readableBytesView)
        }
        return all
    }
}

/// Why an HTTP call came to nothing, in a few words.
package func connectionReason(_ error: any Error) -> String {
    switch error {
    case let error as HTTPClientError:
        switch error {
        case .connectTimeout: "no connection in time"
        case .readTimeout: "it fell silent"
        case .deadlineExceeded: "the time limit is over"
        case .remoteConnectionClosed: "it closed the connection"
        case .cancelled: "it was cancelled"
        default: "\(error)"
        }
    case is CancellationError: "it was cancelled"
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { connectionReason($0.error) } ?? "no address"
    case is HTTPParserError: "what it says is no HTTP, or ends too early"
    default: "\(error)"
    }
}
