internal import CContract
internal import CQueue
internal import Contract

/// The container's end of the handover queue: one connected DEALER socket, for one thread.
final class QueueLink {
    /// Messages that ZeroMQ keeps in each direction: more are stale anyhow.
    private static let waterMark: Int32 = 32
    /// Between attempts to connect, ms.
    private static let reconnectInterval: Int32 = 100
    /// Longest message, bytes: a cut with all its channels' heads and paddings.
    private static let messageMax =
        MemoryLayout<da_queue_header>.size + Int(DA_CUT_BYTES)
        + Int(DA_CHANNELS) * (MemoryLayout<da_channel_state>.size + 8)

    private let context: UnsafeMutableRawPointer
    private let socket: UnsafeMutableRawPointer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: messageMax, alignment: 8)
    private var sequence: UInt64 = 0

    /// Nil: the machine has no sockets left, or the path is too long.
    init?(directory: String) {
        guard let context = zmq_ctx_new() else { return nil }
        guard let socket = zmq_socket(context, ZMQ_DEALER) else {
            zmq_ctx_term(context)
            return nil
        }
        (self.context, self.socket) = (context, socket)
        set(ZMQ_LINGER, 0)
        set(ZMQ_SNDHWM, Self.waterMark)
        set(ZMQ_RCVHWM, Self.waterMark)
        // Nothing is kept for an agent that is not there: it would be stale when it comes.
        set(ZMQ_IMMEDIATE, 1)
        set(ZMQ_RECONNECT_IVL, Self.reconnectInterval)
        var longest = Int64(Self.messageMax)
        zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, MemoryLayout<Int64>.size)
        guard zmq_connect(socket, "ipc://\(directory)/\(DA_QUEUE_SOCKET)") == 0 else { return nil }
    }

    deinit {
        zmq_close(socket)
        zmq_ctx_term(context)
        buffer.deallocate()
    }

    private func set(_ option: Int32, _ value: Int32) {
        var value = value
        zmq_setsockopt(socket, option, &value, MemoryLayout<Int32>.size)
    }

    /// Waits for a message at most so many ms.
    func wait(_ milliseconds: Int) {
        var item = zmq_pollitem_t(socket: socket, fd: -1, events: Int16(ZMQ_POLLIN), revents: 0)
        _ = zmq_poll(&item, 1, milliseconds)
    }

    /// False: nobody is there, or the agent has fallen behind. INTRODUCE begins the numbering anew.
    func send(_ message: QueueMessage) -> Bool {
        if case .introduce = message { sequence = 0 }
        let frame = message.encoded(sequence: sequence &+ 1)
        let sent = frame.withUnsafeBytes { zmq_send(socket, $0.baseAddress, $0.count, ZMQ_DONTWAIT) }
        guard sent == Int32(frame.count) else { return false }
        sequence &+= 1
        return true
    }

    /// The next message that waits; nil: none. A frame that is none of the contract comes as its fault.
    func receive() -> Result<QueueMessage, FrameFault>? {
        let count = zmq_recv(socket, buffer.baseAddress, buffer.count, ZMQ_DONTWAIT)
        guard count >= 0 else { return nil }
        do throws(FrameFault) {
            return .success(
                try QueueMessage.decode(
                    Array(UnsafeRawBufferPointer(rebasing: buffer[..<min(Int(count), buffer.count)]))
                ).message)
        } catch {
            return .failure(error)
        }
    }
}
