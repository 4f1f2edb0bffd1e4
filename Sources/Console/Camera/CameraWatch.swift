internal import CQueue
internal import Foundation
internal import Synchronization

/// Takes the pictures of the flight container's camera process, on a thread of its own.
final class CameraWatch: Sendable {
    /// ms that one look waits for a picture: so long it may live behind its end.
    private static let wait: Int32 = 500
    /// ms between two tries to connect.
    private static let (again, againMax): (Int32, Int32) = (200, 2000)

    private let path: String
    private let pictures: Pictures

    init(path: String, pictures: Pictures) {
        self.path = path
        self.pictures = pictures
    }

    /// Takes pictures until the task is cancelled.
    func run() async {
        let end = End()
        let thread = Thread { [path, pictures] in Self.take(path, pictures, until: end) }
        thread.name = "console-camera"
        thread.start()
        await withTaskCancellationHandler {
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        } onCancel: {
            end.isOver.withLock { $0 = true }
        }
    }

    private static func take(_ path: String, _ pictures: Pictures, until end: End) {
        guard let context = zmq_ctx_new(), let socket = zmq_socket(context, ZMQ_SUB) else { return }
        defer {
            zmq_close(socket)
            zmq_ctx_term(context)
        }
        func set(_ option: Int32, _ value: Int32) {
            var value = value
            zmq_setsockopt(socket, option, &value, MemoryLayout<Int32>.size)
        }
        set(ZMQ_LINGER, 0)
        // Only the newest: who is late shows what is now.
        set(ZMQ_CONFLATE, 1)
        set(ZMQ_RCVTIMEO, wait)
        set(ZMQ_RECONNECT_IVL, again)
        set(ZMQ_RECONNECT_IVL_MAX, againMax)
        var longest = Int64(Pictures.bytesMax)
        zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, MemoryLayout<Int64>.size)
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0)
        // It need not be there yet: ZeroMQ comes again by itself.
        guard zmq_connect(socket, "ipc://\(path)") == 0 else { return }
        var buffer = [UInt8](repeating: 0, count: Pictures.bytesMax)
        while !end.isOver.withLock({ $0 }) {
            let count = zmq_recv(socket, &buffer, buffer.count, 0)
            guard count > 0, count <= buffer.count else { continue }
            pictures.add(Array(buffer[..<Int(count)]), at: wallClock())
        }
    }

    private final class End: Sendable {
        let isOver = Mutex(false)
    }
}
