internal import CContract
internal import CQueue
internal import Contract
internal import Glibc

/// The queue's thread: carries orders out and reads what arrives.
final class QueueLoop {
    /// Messages read from one socket before the next has its turn.
    private static let turnMax = 16
    /// Longest sleep, ms; orders and messages end it earlier.
    private static let pollLimit = 1000

    private let owner: HandoverQueue
    private let wake: WakePipe
    private var sockets: [(instance: String, socket: QueueSocket)] = []
    private var malformed: [String: UInt64] = [:]

    init(_ owner: HandoverQueue, _ wake: WakePipe) {
        self.owner = owner
        self.wake = wake
    }

    func run() {
        guard let context = zmq_ctx_new() else { return refuseAll() }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: QueueSocket.messageMax, alignment: 8)
        defer {
            sockets = []
            buffer.deallocate()
            zmq_ctx_term(context)
            owner.continuation.finish()
        }
        while true {
            var items = sockets.map { entry in
                zmq_pollitem_t(socket: entry.socket.raw, fd: -1, events: Int16(ZMQ_POLLIN), revents: 0)
            }
            items.append(zmq_pollitem_t(socket: nil, fd: wake.reader, events: Int16(ZMQ_POLLIN), revents: 0))
            guard zmq_poll(&items, Int32(items.count), Self.pollLimit) >= 0 || zmq_errno() == EINTR else { return }
            wake.drain()
            for (instance, socket) in sockets { receive(instance, socket, buffer) }
            for order in owner.takeOrders() {
                guard carryOut(order, context) else { return }
            }
        }
    }

    /// False: it was the last.
    private func carryOut(_ order: HandoverQueue.Order, _ context: UnsafeMutableRawPointer) -> Bool {
        switch order {
        case .open(let instance, let path, let done):
            sockets.removeAll { $0.instance == instance }
            malformed[instance] = nil
            do throws(Fault) {
                guard sockets.count < Int(DA_INSTANCES) else {
                    throw Fault(
                        "\(sockets.count) handover queues are open, the core serves no more instances; close one.")
                }
                sockets.append((instance, try QueueSocket(context: context, path: path)))
                done.resume(returning: nil)
            } catch {
                done.resume(returning: error)
            }
        case .close(let instance):
            sockets.removeAll { $0.instance == instance }
        case .send(let message, let instance):
            let isSent = sockets.first { $0.instance == instance }?.socket.send(message) ?? false
            if !isSent { owner.countDropped() }
        case .end:
            return false
        }
        return true
    }

    private func receive(_ instance: String, _ socket: QueueSocket, _ buffer: UnsafeMutableRawBufferPointer) {
        for _ in 0..<Self.turnMax {
            guard let frame = socket.receive(into: buffer) else { return }
            let event: QueueEvent
            do throws(FrameFault) {
                let (message, sequence) = try QueueMessage.decode(frame)
                event = .message(message, sequence: sequence, instance: instance)
            } catch {
                malformed[instance, default: 0] += 1
                event = .malformed(error.description, instance: instance, count: malformed[instance] ?? 0)
            }
            if case .dropped = owner.continuation.yield(event) { owner.countDropped() }
        }
    }

    /// Without a ZeroMQ context nothing can be opened; says so to whoever asks, until the end.
    private func refuseAll() {
        while true {
            var item = pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0)
            _ = poll(&item, 1, Int32(Self.pollLimit))
            wake.drain()
            for order in owner.takeOrders() {
                switch order {
                case .open(_, let path, let done): done.resume(returning: Fault(queue: "has no ZeroMQ context", path))
                case .end: return owner.continuation.finish()
                case .close, .send: break
                }
            }
        }
    }
}
