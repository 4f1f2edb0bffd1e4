import CPlatform
import Glibc
import Synchronization

/// Stands before a socket that is really served and does to its connections what it is told, at any time: one fault
/// machinery for the engine (HTTP on a Unix socket), the registry (HTTP on TCP) and the handover queues (ZeroMQ).
package final class Proxy: Sendable {
    /// What goes through it. HTTP gets one connection a request, so that each request can be judged.
    package enum Speech: Sendable {
        case http
        case queue
    }

    /// Connections at a time; more are refused.
    private static let linksMax = 64
    /// ns between two looks whether it is over.
    static let pause: UInt64 = 50_000_000

    package let place: StreamPlace
    let target: StreamPlace
    let speech: Speech
    private let listener: Int32
    private let isOver = Atomic<Bool>(false)
    private let links = Atomic<Int>(0)
    private let struckCount = Atomic<Int>(0)
    private let disturbances = Mutex<[Disturbance]>([])

    /// Listens on `place` and hands on to `target`.
    ///
    /// - Throws: `BenchFault` when it cannot listen there.
    package init(_ place: StreamPlace, before target: StreamPlace, _ speech: Speech) throws(BenchFault) {
        listener = try StreamSocket.listen(place)
        self.place = if case .loopback(0) = place { .loopback(StreamSocket.port(listener)) } else { place }
        self.target = target
        self.speech = speech
        try benchThread("proxy") { [self] in serve() }
    }

    deinit { close(listener) }

    /// `127.0.0.1:PORT` or the socket's path.
    package var address: String {
        switch place {
        case .unix(let path): path
        case .loopback(let port): "127.0.0.1:\(port)"
        }
    }

    /// From now on, also for connections that stand.
    package func disturb(_ list: [Disturbance]) { disturbances.withLock { $0 = list } }

    /// Pieces, requests and messages that were struck so far.
    package var struck: Int { struckCount.load(ordering: .relaxed) }

    /// Ends it and all its connections. Call once.
    package func end() { isOver.store(true, ordering: .relaxed) }

    var hasEnded: Bool { isOver.load(ordering: .relaxed) }

    func countStruck() { struckCount.wrappingAdd(1, ordering: .relaxed) }

    func active(for request: String) -> [Disturbance] {
        disturbances.withLock { $0.filter { $0.path.isEmpty || request.contains($0.path) } }
    }

    private func serve() {
        while !hasEnded {
            var waited = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&waited, 1, Int32(Self.pause / 1_000_000)) > 0 else { continue }
            let client = StreamSocket.accept(listener)
            guard client >= 0 else { continue }
            guard links.load(ordering: .relaxed) < Self.linksMax else {
                close(client)
                continue
            }
            links.wrappingAdd(1, ordering: .relaxed)
            do throws(BenchFault) {
                try benchThread("proxy-link") { [self] in
                    ProxyLink(self, client).run()
                    links.wrappingSubtract(1, ordering: .relaxed)
                }
            } catch {
                links.wrappingSubtract(1, ordering: .relaxed)
                close(client)
            }
        }
    }
}
