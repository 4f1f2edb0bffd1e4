package import NIOCore
internal import Synchronization

/// The newest picture of the camera, and who watches. Pictures are the first thing to be dropped: who is slow sees fewer,
/// and who takes none at all for ten seconds is let go.
package final class Pictures: Sendable {
    /// Streams at once.
    package static let viewersMax = 8
    /// Bytes of one picture: what the wire contract allows.
    package static let bytesMax = 256 << 10
    /// Pictures in a row that a viewer may miss: ten seconds of them.
    package static let missedMax = 150
    /// Between two parts of the stream (RFC 2046, section 5.1).
    package static let boundary = "picture"

    private struct Viewer {
        var pictures: AsyncStream<ByteBuffer>.Continuation
        var missed = 0
        var letGo: @Sendable () -> Void
    }

    private struct Content {
        var newest: [UInt8]?
        var count: UInt64 = 0
        /// ms since 1970.
        var time: Int64 = 0
        var viewers: [Int: Viewer] = [:]
        var lastViewer = 0
    }

    private let content = Mutex(Content())

    package init() {}

    /// Takes one picture in. What is no JPEG (ITU T.81, B.1.1.3: SOI first, EOI last) is dropped: a container is not
    /// trusted to send what a browser should get.
    package func add(_ picture: [UInt8], at time: Int64) {
        guard picture.count > 4, picture.count <= Self.bytesMax, picture.starts(with: [0xFF, 0xD8]),
            picture.suffix(2) == [0xFF, 0xD9]
        else { return }
        let part = Self.part(picture)
        let stuck = content.withLock { content -> [Viewer] in
            content.newest = picture
            content.count += 1
            content.time = time
            var stuck: [Viewer] = []
            for (id, viewer) in content.viewers {
                if case .dropped = viewer.pictures.yield(part) {
                    content.viewers[id]?.missed += 1
                    if viewer.missed >= Self.missedMax {
                        content.viewers[id] = nil
                        stuck.append(viewer)
                    }
                } else {
                    content.viewers[id]?.missed = 0
                }
            }
            return stuck
        }
        for viewer in stuck {
            viewer.pictures.finish()
            viewer.letGo()
        }
    }

    private static func part(_ picture: [UInt8]) -> ByteBuffer {
        var part = ByteBuffer()
        part.writeString(
            "--\(boundary)\r\nContent-Type: image/jpeg\r\nContent-Length: \(picture.count)\r\n\r\n")
        part.writeBytes(picture)
        part.writeString("\r\n")
        return part
    }

    /// The newest; nil: there has been none.
    package var newest: [UInt8]? { content.withLock { $0.newest } }

    /// How many there were, and when the newest came (ms since 1970).
    package var seen: (count: UInt64, time: Int64) { content.withLock { ($0.count, $0.time) } }

    /// Parts of a multipart stream from now on. `letGo` is called when the viewer takes none any more.
    ///
    /// - Throws: `Refusal` when there are enough.
    package func join(letGo: @escaping @Sendable () -> Void) throws(Refusal) -> (
        id: Int, parts: AsyncStream<ByteBuffer>
    ) {
        let (parts, continuation) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingNewest(1))
        let id = content.withLock { content -> Int? in
            guard content.viewers.count < Self.viewersMax else { return nil }
            content.lastViewer += 1
            content.viewers[content.lastViewer] = Viewer(pictures: continuation, letGo: letGo)
            if let newest = content.newest { continuation.yield(Self.part(newest)) }
            return content.lastViewer
        }
        guard let id else {
            throw Refusal(503, "The camera is shown to \(Self.viewersMax) pages already; close one and reload.")
        }
        return (id, parts)
    }

    package func leave(_ id: Int) {
        let viewer = content.withLock { $0.viewers.removeValue(forKey: id) }
        viewer?.pictures.finish()
    }

    package var viewerCount: Int { content.withLock { $0.viewers.count } }
}
