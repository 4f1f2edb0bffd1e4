package import CContract
import CPlatform
package import Contract

/// A connection to the core's control socket: the bench's pilot and observer.
package final class CoreControl {
    /// Longest wait for a reply, ns; the core itself gives its tick 200 ms.
    private static let replyTime: UInt64 = 1_000_000_000
    private let descriptor: Int32

    /// - Throws: `BenchFault` when nobody listens.
    package init(_ path: String) throws(BenchFault) {
        descriptor = da_packet_connect(path)
        guard descriptor >= 0 else { throw BenchFault("The core does not listen on \(path).") }
    }

    deinit { _ = da_close(descriptor) }

    /// One request, one reply.
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
        guard da_packet_send(descriptor, &request, UInt32(MemoryLayout<da_request>.size)) > 0 else {
            throw BenchFault("The core has closed its control socket.")
        }
        var reply = da_reply()
        let size = MemoryLayout<da_reply>.size
        let got = da_packet_await(descriptor, &reply, UInt32(size), da_now() + Self.replyTime)
        guard got == size, reply.header.fault(kind: .reply, arrived: size) == nil else {
            throw BenchFault("The core did not answer '\(operation)' within a second.")
        }
        return reply
    }

    package func status() throws(BenchFault) -> da_status { try ask(.status).status }
}
