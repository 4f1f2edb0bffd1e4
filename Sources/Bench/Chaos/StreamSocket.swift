import Glibc

/// Where a stream socket listens.
package enum StreamPlace: Sendable, Equatable {
    /// Path of a Unix socket.
    case unix(String)
    /// Port on 127.0.0.1; 0 to listen on one that the kernel chooses.
    case loopback(UInt16)

    /// `host:port` on this machine.
    ///
    /// - Throws: `BenchFault` when it is none.
    package init(address: String) throws(BenchFault) {
        guard address.hasPrefix("127.0.0.1:"), let port = UInt16(address.dropFirst("127.0.0.1:".count)), port > 0 else {
            throw BenchFault("'\(address)' cannot be struck; faults are put before 127.0.0.1:PORT only.")
        }
        self = .loopback(port)
    }
}

/// Stream sockets without blocking; negative results are those of the system.
enum StreamSocket {
    private static let backlog: Int32 = 64

    /// - Throws: `BenchFault` when nobody can listen there.
    static func listen(_ place: StreamPlace) throws(BenchFault) -> Int32 {
        if case .unix(let path) = place { unlink(path) }
        let fd = make(place)
        guard fd >= 0, withAddress(place, { bind(fd, $0, $1) }) == 0, Glibc.listen(fd, backlog) == 0 else {
            let why = String(cString: strerror(errno))
            if fd >= 0 { close(fd) }
            throw BenchFault("The proxy cannot listen on \(place): \(why).")
        }
        return fd
    }

    /// Local sockets answer at once, so this waits for nobody; -1 when nobody listens.
    static func connect(_ place: StreamPlace) -> Int32 {
        let fd = make(place)
        guard fd >= 0 else { return -1 }
        guard withAddress(place, { Glibc.connect(fd, $0, $1) }) == 0 || errno == EINPROGRESS else {
            close(fd)
            return -1
        }
        return fd
    }

    static func accept(_ listener: Int32) -> Int32 {
        let fd = Glibc.accept(listener, nil, nil)
        guard fd >= 0 else { return -1 }
        _ = fcntl(fd, F_SETFL, O_NONBLOCK)
        _ = fcntl(fd, F_SETFD, FD_CLOEXEC)
        return fd
    }

    static func port(_ fd: Int32) -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(fd, $0, &size) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func make(_ place: StreamPlace) -> Int32 {
        let domain =
            switch place {
            case .unix: AF_UNIX
            case .loopback: AF_INET
            }
        return socket(domain, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    }

    private static func withAddress(_ place: StreamPlace, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32)
        -> Int32
    {
        switch place {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
                errno = ENAMETOOLONG
                return -1
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        case .loopback(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }
}
