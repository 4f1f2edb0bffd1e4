internal import CContract
internal import CQueue
package import Contract
internal import Glibc
internal import Synchronization

/// The agent's end of the handover queues: one thread owns all sockets, bounded mailboxes lead in and out.
///
/// A message that finds no room is counted and dropped; the receiver sees the gap in the numbers and waits
/// for the next cut, which is whole. Nothing here waits for a peer.
package final class HandoverQueue: Sendable {
    /// Messages in each mailbox: a second of cuts and acknowledgements.
    package static let mailboxMax = 256

    enum Order: Sendable {
        case open(instance: String, path: String, done: CheckedContinuation<Fault?, Never>)
        case close(instance: String)
        case send(QueueMessage, instance: String)
        case end
    }

    private struct Mailbox {
        var orders: [Order] = []
        var hasEnded = false
    }

    /// What containers say, in order of arrival; ends with `shutdown`.
    package let events: AsyncStream<QueueEvent>
    let continuation: AsyncStream<QueueEvent>.Continuation
    private let mailbox = Mutex(Mailbox())
    private let lost = Atomic<UInt64>(0)
    private let wake: WakePipe

    /// - Throws: `Fault` when the machine has no descriptors left.
    package init() throws(Fault) {
        wake = try WakePipe()
        (events, continuation) = AsyncStream.makeStream(
            of: QueueEvent.self, bufferingPolicy: .bufferingOldest(Self.mailboxMax))
        try startThread("handover-queue") { [self] in QueueLoop(self, wake).run() }
    }

    /// Messages dropped because a mailbox or a peer had no room.
    package var dropped: UInt64 { lost.load(ordering: .relaxed) }

    func countDropped() { lost.wrappingAdd(1, ordering: .relaxed) }

    /// Binds the queue of `instance` at `path`; one that is open already is bound anew.
    package func open(instance: String, path: String) async throws(Fault) {
        let fault = await withCheckedContinuation { done in
            post(.open(instance: instance, path: path, done: done))
        }
        if let fault { throw fault }
    }

    /// Closes the queue of `instance`; what it has not read is lost.
    package func close(instance: String) { post(.close(instance: instance)) }

    /// Sends without waiting; what finds no room is counted in `dropped`.
    package func send(_ message: QueueMessage, to instance: String) { post(.send(message, instance: instance)) }

    /// Closes all queues and ends the thread. Call once.
    package func shutdown() { post(.end) }

    private func post(_ order: Order) {
        let (isTaken, isFirst) = mailbox.withLock { mailbox in
            guard !mailbox.hasEnded else { return (false, false) }
            switch order {
            // Only messages are many; the other orders always find room.
            case .send where mailbox.orders.count >= Self.mailboxMax: return (false, false)
            case .end: mailbox.hasEnded = true
            case .open, .close, .send: break
            }
            mailbox.orders.append(order)
            return (true, mailbox.orders.count == 1)
        }
        if isTaken {
            // Whoever finds others waiting knows that the thread is on its way: it takes all at once.
            if isFirst { wake.signal() }
        } else if case .open(_, let path, let done) = order {
            done.resume(returning: Fault("The handover queue \(path) cannot be opened: the agent is shutting down."))
        } else {
            countDropped()
        }
    }

    func takeOrders() -> [Order] {
        mailbox.withLock { mailbox in
            defer { mailbox.orders.removeAll(keepingCapacity: true) }
            return mailbox.orders
        }
    }
}

/// A pipe that wakes a thread which polls descriptors.
final class WakePipe: Sendable {
    let reader: Int32
    private let writer: Int32

    init() throws(Fault) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Fault(
                "The handover queue gets no pipe (\(String(cString: strerror(errno)))); this process has too many files open, start it again."
            )
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(reader)
        Glibc.close(writer)
    }

    /// A full pipe wakes as well.
    func signal() { _ = write(writer, "w", 1) }

    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        _ = read(reader, &bytes, bytes.count)
    }
}
