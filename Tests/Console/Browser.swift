import NIOCore
import NIOPosix

/// What came back over HTTP, as bytes and undecoded.
struct Answer {
    var text: String

    var status: Int { Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    /// Behind the header fields.
    var body: String { text.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? "" }
}

/// A client without manners: it sends what it is told, byte for byte, and reads until the other side ends or `isEnough`.
struct Browser {
    var port: Int

    func send(_ request: String, isEnough: @Sendable (String) -> Bool = { _ in false }) async throws -> Answer {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var text = ""
            for try await buffer in inbound {
                text += String(buffer: buffer)
                if isEnough(text) { break }
            }
            return Answer(text: text)
        }
    }

    /// A well-behaved request; `fields` are whole lines.
    func get(_ path: String, _ fields: [String] = []) async throws -> Answer {
        try await send(Self.head("GET", path, fields))
    }

    func post(_ path: String, token: String?, _ body: String = "{}") async throws -> Answer {
        let fields = (token.map { ["Authorization: Bearer \($0)"] } ?? []) + ["Content-Length: \(body.utf8.count)"]
        return try await send(Self.head("POST", path, fields) + body)
    }

    static func head(_ method: String, _ path: String, _ fields: [String] = [], host: String? = "127.0.0.1") -> String {
        let lines = ["\(method) \(path) HTTP/1.1"] + (host.map { ["Host: \($0)"] } ?? []) + fields
        return (lines + ["Connection: close", "", ""]).joined(separator: "\r\n")
    }
}
