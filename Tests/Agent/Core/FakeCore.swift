import Agent
import CContract
import CPlatform
import Contract
import Foundation
import Synchronization

/// A control socket that answers as it is told: one thread, ended by `stop`.
final class FakeCore: Sendable {
    typealias Answer = @Sendable (da_request) -> [UInt8]?

    private let listener: Int32
    private let isOver = Mutex(false)
    private let requests = Mutex<[UInt32]>([])

    /// Operations asked so far.
    var asked: [UInt32] { requests.withLock { $0 } }

    /// `answer` gives the bytes of the reply; nil: stay silent; empty: close.
    init(path: String, answer: @escaping Answer) {
        listener = da_packet_listen(path, 4)
        let thread = Thread { [self] in serve(answer) }
        thread.start()
    }

    func stop() { isOver.withLock { $0 = true } }

    private func serve(_ answer: Answer) {
        var connections: [Int32] = []
        while !isOver.withLock({ $0 }) {
            let watched = [listener] + connections
            let ready = da_wait_readable(watched, UInt32(watched.count), da_now() + 20_000_000)
            guard ready > 0 else { continue }
            if ready & 1 != 0 {
                let fd = da_packet_accept(listener)
                if fd >= 0 { connections.append(fd) }
            }
            for (index, fd) in watched.enumerated().dropFirst() where ready & (1 << Int64(index)) != 0 {
                var request = da_request()
                let count = da_packet_receive(fd, &request, UInt32(MemoryLayout<da_request>.size))
                let reply = count > 0 ? answer(request) : []
                if count > 0 { requests.withLock { $0.append(request.operation) } }
                guard let reply else { continue }
                if reply.isEmpty {
                    _ = da_close(fd)
                    connections.removeAll { $0 == fd }
                } else {
                    _ = da_packet_send(fd, reply, UInt32(reply.count))
                }
            }
        }
        for fd in connections + [listener] { _ = da_close(fd) }
    }

    static func done(_ change: (inout da_reply) -> Void = { _ in }) -> [UInt8] {
        var reply = da_reply.make()
        change(&reply)
        return reply.bytes
    }
}
