internal import CContract
internal import CPlatform
internal import Contract
internal import Foundation
internal import Synchronization

/// Listens to the core's samples on a tick socket of its own, and answers none: how the agent knows the vehicle and
/// what it does now. The core takes it for a container that never speaks.
final class SampleWatch: Sendable {
    /// Samples kept: 4 s at 500 Hz, for a candidate that wants to watch for that long.
    static let kept = 2048
    /// How long the core may take to answer hello, ns.
    private static let welcomeTime: UInt64 = 1_000_000_000
    /// Longest time without looking whether to end, ns.
    private static let patience: UInt64 = 50_000_000

    let welcome: da_welcome
    private let socket: Int32
    private let samples = Mutex<[da_sample]>([])
    private let isOver = Atomic<Bool>(false)

    /// Connects to the tick socket in `directory`, which the core serves.
    ///
    /// - Throws: `Fault` when the core does not answer there.
    init(directory: String) throws(Fault) {
        let path = "\(directory)/\(DA_TICK_SOCKET)"
        socket = da_packet_connect(path)
        guard socket >= 0 else {
            throw Fault("The core's socket \(path) does not answer (\(String(cString: da_error_text(socket)))).")
        }
        var hello = da_hello.make()
        fill(&hello.name, with: "rehearsal")
        fill(&hello.version, with: "1")
        var welcome = da_welcome()
        let size = UInt32(MemoryLayout<da_welcome>.size)
        guard da_packet_send(socket, &hello, UInt32(MemoryLayout<da_hello>.size)) > 0,
            case let got = da_packet_await(socket, &welcome, size, da_now() &+ Self.welcomeTime), got == Int32(size),
            welcome.header.fault(kind: .welcome, arrived: Int(got)) == nil, welcome.tick_rate > 0
        else {
            _ = da_close(socket)
            throw Fault("The core did not say at \(path) which vehicle it flies.")
        }
        self.welcome = welcome
        let thread = Thread { [self] in listen() }
        thread.name = "rehearsal-watch"
        thread.start()
    }

    /// Ends the listening; the thread closes the socket.
    func end() { isOver.store(true, ordering: .releasing) }

    /// Samples in a row without a gap, oldest first, up to tick `last`; empty if that tick is not there.
    func run(upTo last: UInt64) -> [da_sample] {
        samples.withLock { samples in
            guard let end = samples.lastIndex(where: { $0.tick == last }) else { return [] }
            var begin = end
            while begin > 0, samples[begin - 1].tick + 1 == samples[begin].tick { begin -= 1 }
            return Array(samples[begin...end])
        }
    }

    /// Tick of the newest sample; 0: none yet.
    var newest: UInt64 { samples.withLock { $0.last?.tick ?? 0 } }

    private func listen() {
        var sample = da_sample()
        let size = UInt32(MemoryLayout<da_sample>.size)
        while !isOver.load(ordering: .acquiring) {
            let got = da_packet_await(socket, &sample, size, da_now() &+ Self.patience)
            // 110 is ETIMEDOUT, 4 is EINTR.
            if got == -110 || got == -4 { continue }
            guard got > 0 else { break }
            guard got == Int32(size), sample.header.fault(kind: .sample, arrived: Int(got)) == nil else { continue }
            let next = sample
            samples.withLock { samples in
                if samples.count >= 2 * Self.kept { samples.removeFirst(Self.kept) }
                samples.append(next)
            }
        }
        _ = da_close(socket)
    }
}
