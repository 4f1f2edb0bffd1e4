internal import Agent
internal import CPlatform
internal import Glibc

/// A socket for datagrams that never waits but in `wait`.
struct UDPSocket: ~Copyable {
    /// Longer datagrams are none of MAVLink's: ground stations send a message in each, of at most 280 bytes.
    static let datagramMax = 2048

    private let descriptor: Int32
    let place: Endpoint

    /// - Throws: `Fault` when it cannot be bound there.
    init(at wanted: Endpoint) throws(Fault) {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let fd = socket(wanted.family, kind, 0)
        var code = fd < 0 ? errno : 0
        if code == 0, Self.address(wanted, { bind(fd, $0, $1) }) != 0 { code = errno }
        guard code == 0 else {
            if fd >= 0 { _ = da_close(fd) }
            throw Fault(
                "MAVLink cannot listen at \(wanted) (\(String(cString: strerror(code)))); give another place with --listen, "
                    + "or port 0 and the ground station's place with --to."
            )
        }
        descriptor = fd
        place = Self.bound(fd, wanted)
    }

    deinit { _ = da_close(descriptor) }

    /// Until something has come or the deadline is over, CLOCK_MONOTONIC ns.
    func wait(until deadline: UInt64) { _ = da_wait_readable([descriptor], 1, deadline) }

    /// The next datagram; nil: there is none. One that is too long comes empty.
    func receive() -> (bytes: [UInt8], from: Endpoint)? {
        var bytes = [UInt8](repeating: 0, count: Self.datagramMax)
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                // With MSG_TRUNC the kernel says how long the datagram was.
                recvfrom(descriptor, &bytes, Self.datagramMax, Int32(MSG_TRUNC), address, &length)
            }
        }
        guard count >= 0 else { return nil }
        let from = withUnsafeBytes(of: storage) { Array($0.prefix(Int(length))) }
        let isWhole = count <= Self.datagramMax
        return (isWhole ? Array(bytes.prefix(count)) : [], Endpoint(from, family: Int32(storage.ss_family)))
    }

    /// What the kernel does not take is lost, as any datagram may be.
    func send(_ bytes: [UInt8], to place: Endpoint) {
        _ = Self.address(place) { address, length in
            Int32(sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length))
        }
    }

    private static func address(_ place: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: place.bytes.prefix($0.count)) }
        return withUnsafePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(place.bytes.count)) }
        }
    }

    /// With the port that the kernel chose where any was asked for.
    private static func bound(_ fd: Int32, _ wanted: Endpoint) -> Endpoint {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(fd, $0, &length) }
        }
        guard code == 0 else { return wanted }
        return Endpoint(withUnsafeBytes(of: storage) { Array($0.prefix(Int(length))) }, family: wanted.family)
    }
}
