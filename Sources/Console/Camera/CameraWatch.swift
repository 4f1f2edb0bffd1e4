internal import Agent
internal import CQueue

/// Takes the pictures of the flight container's camera process.
///
/// On a queue of its own, for it waits for them there.
actor CameraWatch {
    /// ms that one look waits for a picture: so long it may live behind its end.
    private static let wait: Int32 = 500
    /// ms between two tries to connect.
    private static let (again, againMax): (Int32, Int32) = (200, 2000)

    private nonisolated let executor = BlockingExecutor(label: "console.camera")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let path: String
    private let pictures: Pictures

    init(path: String, pictures: Pictures) {
        self.path = path
        self.pictures = pictures
    }

    /// Takes pictures until the task is cancelled.
    func run() async {
        guard let context = zmq_ctx_new(), let socket = zmq_socket(context, ZMQ_SUB) else { return }
        defer {
            zmq_close(socket)
            zmq_ctx_term(context)
        }
        for (option, value) in [
            // Only the newest: who is late shows what is now.
            (ZMQ_CONFLATE, 1), (ZMQ_LINGER, 0), (ZMQ_RCVTIMEO, Self.wait), (ZMQ_RECONNECT_IVL, Self.again),
            (ZMQ_RECONNECT_IVL_MAX, Self.againMax),
        ] {
            var value = value
            zmq_setsockopt(socket, option, &value, MemoryLayout<Int32>.size)
        }
        var longest = Int64(Pictures.bytesMax)
        zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, MemoryLayout<Int64>.size)
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0)
        // It need not be there yet: ZeroMQ comes again by itself.
        guard zmq_connect(socket, "ipc://\(path)") == 0 else { return }
        var buffer = [UInt8](repeating: 0, count: Pictures.bytesMax)
        while !Task.isCancelled {
            let count = zmq_recv(socket, &buffer, buffer.count, 0)
            guard count > 0, count <= buffer.count else { continue }
            pictures.add(Array(buffer[..<Int(count)]), at: wallClock())
        }
    }
}
