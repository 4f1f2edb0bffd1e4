import Glibc

/// A bound Unix datagram socket, as systemd's for notifications. Never waits.
final class DatagramSocket {
    private let descriptor: Int32

    init?(_ path: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard path.utf8.count < place.count else { return false }
            place.copyBytes(from: path.utf8)
            return true
        }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, fits, bound == 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// The next message; nil: none waits.
    func next() -> String? {
        var bytes = [UInt8](repeating: 0, count: 256)
        let got = recv(descriptor, &bytes, bytes.count, 0)
        return got > 0 ? String(decoding: bytes.prefix(got), as: UTF8.self) : nil
    }
}
