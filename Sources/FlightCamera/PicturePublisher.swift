internal import CQueue
internal import Glibc

/// Where pictures go: a PUB socket that drops what its readers do not take at once.
final class PicturePublisher {
    /// Pictures that wait for one reader: the newest is what matters.
    private static let waterMark: Int32 = 2

    private let context: UnsafeMutableRawPointer
    private let socket: UnsafeMutableRawPointer

    /// nil when it cannot be bound. A socket file that a former process left is replaced.
    init?(path: String) {
        guard let context = zmq_ctx_new() else { return nil }
        guard let socket = zmq_socket(context, ZMQ_PUB) else {
            zmq_ctx_term(context)
            return nil
        }
        (self.context, self.socket) = (context, socket)
        var (linger, mark): (Int32, Int32) = (0, Self.waterMark)
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size)
        zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, MemoryLayout<Int32>.size)
        unlink(path)
        guard zmq_bind(socket, "ipc://\(path)") == 0 else { return nil }
    }

    deinit {
        zmq_close(socket)
        zmq_ctx_term(context)
    }

    /// Never waits.
    func send(_ picture: ArraySlice<UInt8>) {
        _ = picture.withUnsafeBytes { zmq_send(socket, $0.baseAddress, $0.count, ZMQ_DONTWAIT) }
    }
}
