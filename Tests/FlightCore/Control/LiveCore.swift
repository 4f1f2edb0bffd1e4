import CBoard
import CContract
import CPlatform
import Contract
import FlightCore
import Glibc
import Simulator
import Synchronization

/// A whole core with real threads and sockets on a simulated world. One a process: its stop is the process's.
///
/// Its tick is of real-time priority where the machine allows it: beside twelve busy processes no step holds otherwise.
final class LiveCore: @unchecked Sendable {
    let folder = Folder()
    private let world: LiveWorld
    private let server: ControlServer
    private let connection: Int32

    init(_ board: da_board = testBoard()) throws {
        world = LiveWorld(WorldParameters(board: board))
        let epochs = EpochFile(folder: folder.path)
        try epochs.write(16)
        let loop = TickLoop(
            FlightTick(
                board: board, bus: world.bus, motorBus: world.bus, lines: world.lines, edges: world.edges,
                clock: da_clock_monotonic(), lastEpoch: 0, reservedEpoch: 16), guards: [])
        let server = try ControlServer(
            board: board, loop: loop, epochs: epochs, socket: folder.path + "/core.sock", isRealTime: false)
        self.server = server
        connection = da_packet_connect(folder.path + "/core.sock")
        var realTime: Int32 = 0
        tick = try Thread(name: "tick", priority: 80, cpu: -1, realTime: &realTime) { loop.run() }
        control = try Thread(name: "control") { server.run(owner: nil) }
    }

    private let tick: Thread
    private let control: Thread

    func stop() {
        da_stop_request()
        tick.join()
        control.join()
    }

    // MARK: Control socket

    /// Sends raw bytes and awaits the reply, at most 5 s.
    func exchange(_ bytes: [UInt8]) -> da_reply? {
        guard da_packet_send(connection, bytes, UInt32(bytes.count)) > 0 else { return nil }
        var reply = da_reply()
        let size = MemoryLayout<da_reply>.size
        let got = da_packet_await(connection, &reply, UInt32(size), da_now() + 5_000_000_000)
        return got == size ? reply : nil
    }

    func request(_ operation: Contract.Operation, _ name: String = "", _ change: (inout da_request) -> Void = { _ in })
        -> da_reply?
    {
        var request = da_request.make()
        request.operation = operation.rawValue
        fill(&request.name, with: name)
        change(&request)
        return exchange(request.bytes)
    }

    /// What the core answers; "Done." when it was done.
    func ask(_ operation: Contract.Operation, _ name: String = "", _ change: (inout da_request) -> Void = { _ in })
        -> String
    {
        guard let reply = request(operation, name, change) else { return "no reply" }
        let words = text(reply.text)
        return (reply.refused == 0) == (words == "Done.") ? words : "refused \(reply.refused) but '\(words)'"
    }

    func attach(_ name: String) -> String {
        let directory = folder.make(name)
        return ask(.attach, name) { fill(&$0.path, with: directory) }
    }

    var status: da_status { request(.status)?.status ?? da_status() }

    /// Polls the status until `done`, at most 10 s.
    func wait(until done: (da_status) -> Bool) -> Bool {
        let limit = da_now() + 10_000_000_000
        while da_now() < limit {
            if done(status) { return true }
            da_sleep_until(da_now() + 5_000_000)
        }
        return false
    }
}

/// A flight container played by a test: answers each sample with a fixed command.
final class FakeContainer: @unchecked Sendable {
    let descriptor: Int32
    private(set) var welcome = da_welcome()
    private let isStopped = Atomic(false)

    /// Connects to `directory`/tick.sock and says `hello`.
    init(_ directory: String, hello: [UInt8]? = nil) {
        descriptor = da_packet_connect(directory + "/tick.sock")
        var greeting = da_hello.make()
        fill(&greeting.name, with: "fake")
        fill(&greeting.version, with: "1")
        let bytes = hello ?? greeting.bytes
        _ = da_packet_send(descriptor, bytes, UInt32(bytes.count))
    }

    /// Awaits the welcome, at most 5 s.
    func isWelcome() -> Bool {
        let size = UInt32(MemoryLayout<da_welcome>.size)
        let got = da_packet_await(descriptor, &welcome, size, da_now() + 5_000_000_000)
        return got == Int32(size) && welcome.header.fault(kind: .welcome, arrived: Int(got)) == nil
    }

    /// Whether the core has closed this connection, awaited at most 5 s.
    func isTurnedAway() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let got = da_packet_await(descriptor, &bytes, 1024, da_now() + 5_000_000_000)
        // A hello that was not read yet turns the end into a reset.
        return got == 0 || got == -ECONNRESET
    }

    func nextSample() -> da_sample? {
        var sample = da_sample()
        let size = UInt32(MemoryLayout<da_sample>.size)
        let got = da_packet_await(descriptor, &sample, size, da_now() + 5_000_000_000)
        return got == Int32(size) ? sample : nil
    }

    /// Answers on a thread of its own, at a priority below the core's as in flight, until it is closed; the cut that it
    /// stands on is the first sample's.
    func answer(_ value: Float) throws {
        var realTime: Int32 = 0
        try thread.withLock { slot in
            slot = Holder(
                try Thread(name: "container", priority: 70, cpu: -1, realTime: &realTime) { [self] in
                    var cut: UInt64 = 0
                    while !isStopped.load(ordering: .acquiring), let sample = nextSample() {
                        if cut == 0 { cut = sample.tick }
                        var command = reply(sample, Motors(repeating: value), stateTick: cut)
                        _ = da_packet_send(descriptor, &command, UInt32(MemoryLayout<da_command>.size))
                    }
                })
        }
    }

    private final class Holder: Sendable {
        let thread: Thread
        init(_ thread: consuming Thread) { self.thread = thread }
    }
    private let thread = Mutex<Holder?>(nil)

    func close() {
        isStopped.store(true, ordering: .releasing)
        thread.withLock { $0?.thread.join() }
        _ = da_close(descriptor)
    }
}
