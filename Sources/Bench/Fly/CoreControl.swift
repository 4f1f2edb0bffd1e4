package import CContract
import CPlatform
package import Contract

/// A connection to the core's control socket: the bench's pilot and observer.
package final class CoreControl {
    /// Longest wait for a reply, ns; the core itself gives its tick 200 ms.
    private static let replyTime: UInt64 = 1_000_000_000
    /// How long a core that has just died is waited for, ns: within it the pilot's link does not count as lost.
    private static let restartTime: UInt64 = 400_000_000
    private static let restartPause: UInt64 = 5_000_000
    private let socket: String
    private var descriptor: Int32

    /// - Throws: `BenchFault` when nobody listens.
    package init(_ path: String) throws(BenchFault) {
        socket = path
        descriptor = da_packet_connect(path)
        guard descriptor >= 0 else { throw BenchFault("The core does not listen on \(path).") }
    }

    deinit { _ = da_close(descriptor) }

    /// One request, one reply; over a restart of the core too.
    ///
    /// - Throws: `BenchFault` when no proper reply comes in time.
    package func ask(
        _ operation: Contract.Operation, name: String = "", path: String = "", value: Float = 0,
        setpoint: da_setpoint = da_setpoint()
    ) throws(BenchFault) -> da_reply {
        var request = da_request.make()
        request.operation = operation.rawValue
        request.value = value
        request.setpoint = setpoint
        fill(&request.name, with: name)
        fill(&request.path, with: path)
        let limit = da_now() + Self.restartTime
        var reply = da_reply()
        var got = exchange(&request, &reply)
        while got == 0, da_now() < limit {
            if descriptor >= 0 { _ = da_close(descriptor) }
            descriptor = da_packet_connect(socket)
            got = descriptor < 0 ? 0 : exchange(&request, &reply)
            if got == 0 { da_sleep_until(da_now() + Self.restartPause) }
        }
        guard got != 0 else { throw BenchFault("The core has closed its control socket.") }
        let size = MemoryLayout<da_reply>.size
        guard got == size, reply.header.fault(kind: .reply, arrived: size) == nil else {
            throw BenchFault("The core did not answer '\(operation)' within a second.")
        }
        return reply
    }

    /// Bytes of the reply; 0: the connection has ended.
    private func exchange(_ request: inout da_request, _ reply: inout da_reply) -> Int32 {
        guard da_packet_send(descriptor, &request, UInt32(MemoryLayout<da_request>.size)) > 0 else { return 0 }
        let got = da_packet_await(
            descriptor, &reply, UInt32(MemoryLayout<da_reply>.size), da_now() + Self.replyTime)
        // -ECONNRESET is another way to hear that a peer has died.
        return got == -104 ? 0 : got
    }

    package func status() throws(BenchFault) -> da_status { try ask(.status).status }
}
