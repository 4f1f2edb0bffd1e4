internal import CContract
internal import CPlatform
internal import Contract
internal import Synchronization

/// Listens to the core's samples on a tick socket of its own, and answers none: how the agent knows the vehicle and
/// what it does now. The core takes it for a container that never speaks.
final class SampleWatch: Sendable {
    /// Samples kept at least: 4 s at 500 Hz, longer than a container takes to start.
    private static let kept = 2048
    /// How long the core may take to answer hello, ns.
    private static let welcomeTime: UInt64 = 1_000_000_000
    /// A core that says nothing for so long is gone, ns.
    private static let silence: UInt64 = 1_000_000_000
    /// Between two looks for the next sample, ns: a tenth of a tick.
    private static let look: UInt64 = 200_000
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
        do throws(Fault) { try startThread("rehearsal-watch") { [self] in listen() } } catch {
            _ = da_close(socket)
            throw error
        }
    }

    /// Ends the listening; the thread closes the socket.
    func end() { isOver.store(true, ordering: .releasing) }

    /// The first sample behind `tick`, waited for; nil: none came in a second.
    func next(after tick: UInt64) -> da_sample? {
        let end = da_now() &+ Self.silence
        while da_now() < end {
            let found = samples.withLock { samples in
                // The newest are asked for: from the end it is found at once.
                var index = samples.count
                while index > 0, samples[index - 1].tick > tick { index -= 1 }
                return index < samples.count ? samples[index] : nil
            }
            if let found { return found }
            da_sleep_until(da_now() &+ Self.look)
        }
        return nil
    }

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
