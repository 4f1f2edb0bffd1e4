import CContract
import CQueue
import Contract

/// A container's end of the handover queue, as the queue's speed is measured: it encodes, sends, receives and decodes as
/// a container does, for one thread.
final class QueuePeer {
    /// ms: longest wait for the other side.
    private static let patience: Int32 = 10_000
    private static let bufferBytes = 256 << 10

    private let context: UnsafeMutableRawPointer
    private let socket: UnsafeMutableRawPointer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 8)
    private var sequence: UInt64 = 0

    /// - Throws: `BenchFault` when the queue cannot be reached.
    init(_ path: String) throws(BenchFault) {
        guard let context = zmq_ctx_new(), let socket = zmq_socket(context, ZMQ_DEALER) else {
            throw BenchFault("ZeroMQ gives no socket.")
        }
        (self.context, self.socket) = (context, socket)
        for option in [ZMQ_RCVTIMEO, ZMQ_SNDTIMEO] {
            var limit = Self.patience
            zmq_setsockopt(socket, option, &limit, MemoryLayout<Int32>.size)
        }
        var none: Int32 = 0
        zmq_setsockopt(socket, ZMQ_LINGER, &none, MemoryLayout<Int32>.size)
        guard zmq_connect(socket, "ipc://\(path)") == 0 else {
            throw BenchFault("The queue \(path) cannot be reached.")
        }
    }

    deinit {
        zmq_close(socket)
        zmq_ctx_term(context)
        buffer.deallocate()
    }

    /// False: the other side has no room for too long.
    func send(_ message: QueueMessage) -> Bool {
        sequence += 1
        let frame = message.encoded(sequence: sequence)
        return frame.withUnsafeBytes { zmq_send(socket, $0.baseAddress, $0.count, 0) } == Int32(frame.count)
    }

    /// The next message and its frame's bytes; nil: none came in time, or one that is none of the contract.
    func receive() -> (message: QueueMessage, bytes: Int)? {
        let count = Int(zmq_recv(socket, buffer.baseAddress, buffer.count, 0))
        guard count >= 0, count <= buffer.count,
            let message = try? QueueMessage.decode(
                Array(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            ).message
        else { return nil }
        return (message, count)
    }
}
