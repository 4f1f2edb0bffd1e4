package import CContract
internal import CPlatform
internal import Contract
internal import Glibc
internal import Synchronization

/// Speaks to the flight core over its control socket: one request, one reply, in turn.
///
/// Calls block for at most `limit` and may come from any thread; a connection that failed is opened anew by
/// the next call. The core answers from a thread of its own, so that no call touches the tick.
package final class CoreClient: Sendable {
    /// How long one reply is awaited, ns: the core answers within a tick, and syncs epochs within some 100 ms.
    package static let limit: UInt64 = 500_000_000

    /// How long a core that has just died is waited for, ns: its supervisor starts it again within some 20 ms.
    private static let restartTime: UInt64 = 300_000_000
    private static let restartPause: UInt64 = 5_000_000
    /// -ECONNREFUSED: the socket is there, and nobody listens any more. -ENOENT: just now its successor replaces it.
    private static let refused: Int32 = -111
    private static let absent: Int32 = -2

    package let path: String
    /// The connection; -1: none.
    private let socket = Mutex<Int32>(-1)

    package init(path: String) { self.path = path }

    deinit {
        let fd = socket.withLock { $0 }
        if fd >= 0 { _ = da_close(fd) }
    }

    /// Sends a request and gives the core's reply, refusals included.
    ///
    /// - Throws: `Fault` when the core cannot be reached, is silent, or answers what is no reply.
    package func call(_ request: da_request) throws(Fault) -> da_reply {
        var failure: Fault?
        let reply = socket.withLock { fd -> da_reply? in
            do throws(Fault) {
                // A core that restarted closed the old connection: one fresh attempt, never more.
                let isFresh = fd < 0
                if isFresh { fd = try connect(isAgain: false) }
                do throws(Fault) {
                    return try exchange(request, fd)
                } catch {
                    drop(&fd)
                    guard !isFresh, error == goneFault else { throw error }
                    fd = try connect(isAgain: true)
                    do throws(Fault) {
                        return try exchange(request, fd)
                    } catch {
                        drop(&fd)
                        throw error
                    }
                }
            } catch {
                failure = error
                return nil
            }
        }
        guard let reply else { throw failure ?? goneFault }
        return reply
    }

    private func drop(_ fd: inout Int32) {
        _ = da_close(fd)
        fd = -1
    }

    private var goneFault: Fault { Fault("The flight core closed the connection at \(path); is flightcore running?") }

    private func connect(isAgain: Bool) throws(Fault) -> Int32 {
        var fd = da_packet_connect(path)
        let limit = da_now() + Self.restartTime
        while fd == Self.refused || isAgain && fd == Self.absent, da_now() < limit {
            da_sleep_until(da_now() + Self.restartPause)
            fd = da_packet_connect(path)
        }
        guard fd != -EACCES else { throw Fault(notPermitted(path)) }
        guard fd >= 0 else {
            let why = String(cString: da_error_text(fd))
            throw Fault(
                "The flight core does not answer at \(path) (\(why)); start flightcore or name its folder with --run.")
        }
        return fd
    }

    private func exchange(_ request: da_request, _ fd: Int32) throws(Fault) -> da_reply {
        let sent = withUnsafePointer(to: request) { da_packet_send(fd, $0, UInt32(MemoryLayout<da_request>.size)) }
        guard sent == Int32(MemoryLayout<da_request>.size) else { throw goneFault }
        var buffer = [UInt8](repeating: 0, count: Int(DA_FRAME_BYTES))
        let deadline = da_now() + Self.limit
        let count = buffer.withUnsafeMutableBytes { bytes -> Int32 in
            guard let base = bytes.baseAddress else { return 0 }
            return da_packet_await(fd, base, UInt32(bytes.count), deadline)
        }
        // 110 is ETIMEDOUT; the platform calls give negative errno values.
        guard count != -110 else {
            throw Fault(
                "The flight core did not answer at \(path) within \(Self.limit / 1_000_000) ms; look whether flightcore hangs."
            )
        }
        guard count > 0 else { throw goneFault }
        let read = buffer.withUnsafeBytes {
            da_reply.read(UnsafeRawBufferPointer(rebasing: $0[..<min(Int(count), $0.count)]))
        }
        switch read {
        case .success(let reply): return reply
        case .failure(let fault): throw Fault("The flight core's reply is none: \(fault)")
        }
    }
}
