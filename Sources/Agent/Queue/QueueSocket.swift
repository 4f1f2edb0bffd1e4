internal import CContract
internal import CQueue
internal import Contract
internal import Glibc

/// One bound DEALER socket; belongs to the queue's thread, as ZeroMQ demands.
final class QueueSocket {
    /// Messages that ZeroMQ keeps in each direction: at 100 cuts a second, a third of a second.
    static let waterMark: Int32 = 32
    /// Longest message, bytes: a cut with all its channels' heads and paddings.
    static let messageMax =
        MemoryLayout<da_queue_header>.size + Int(DA_CUT_BYTES)
        + Int(DA_CHANNELS) * (MemoryLayout<da_channel_state>.size + 8)

    let raw: UnsafeMutableRawPointer
    /// Messages sent so far; numbers them.
    private var sequence: UInt64 = 0

    init(context: UnsafeMutableRawPointer, path: String) throws(Fault) {
        guard let raw = zmq_socket(context, ZMQ_DEALER) else { throw Fault(queue: "cannot be made", path) }
        self.raw = raw
        // LINGER 0: closing never waits for a peer that is gone.
        set(ZMQ_LINGER, 0)
        set(ZMQ_SNDHWM, Self.waterMark)
        set(ZMQ_RCVHWM, Self.waterMark)
        // A peer that sends more is cut off by ZeroMQ itself.
        var longest = Int64(Self.messageMax)
        zmq_setsockopt(raw, ZMQ_MAXMSGSIZE, &longest, MemoryLayout<Int64>.size)
        unlink(path)
        guard zmq_bind(raw, "ipc://\(path)") == 0 else {
            let fault = Fault(queue: "cannot be bound", path)
            zmq_close(raw)
            throw fault
        }
    }

    deinit { zmq_close(raw) }

    private func set(_ option: Int32, _ value: Int32) {
        var value = value
        zmq_setsockopt(raw, option, &value, MemoryLayout<Int32>.size)
    }

    /// Sends without waiting; false when the peer is absent or its queue is full.
    func send(_ message: QueueMessage) -> Bool {
        let frame = message.encoded(sequence: sequence + 1)
        let sent = frame.withUnsafeBytes { zmq_send(raw, $0.baseAddress, $0.count, ZMQ_DONTWAIT) }
        guard sent == Int32(frame.count) else { return false }
        sequence += 1
        return true
    }

    /// The next message, or nil when none waits. One of several parts is drained and given as empty.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> [UInt8]? {
        let count = zmq_recv(raw, buffer.baseAddress, buffer.count, ZMQ_DONTWAIT)
        guard count >= 0 else { return nil }
        var isMultipart = false
        var more: Int32 = 0
        var size = MemoryLayout<Int32>.size
        // Bounded by what one message may hold: ZeroMQ gives all parts of a message or none.
        while zmq_getsockopt(raw, ZMQ_RCVMORE, &more, &size) == 0, more != 0 {
            isMultipart = true
            guard zmq_recv(raw, nil, 0, ZMQ_DONTWAIT) >= 0 else { break }
        }
        return isMultipart ? [] : Array(UnsafeRawBufferPointer(rebasing: buffer[..<min(Int(count), buffer.count)]))
    }
}

extension Fault {
    init(queue what: String, _ path: String) {
        let why = String(cString: zmq_strerror(zmq_errno()))
        self.init(
            "The handover queue \(path) \(what) (\(why)); check that its folder exists and its path has less than 100 bytes."
        )
    }
}
