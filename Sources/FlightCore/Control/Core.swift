import CBoard
import CContract
import CPlatform
import Contract
import Glibc

/// Puts the core together and runs its three threads.
package enum Core {
    /// SCHED_FIFO of the tick.
    private static let tickPriority: Int32 = 80

    /// Runs until SIGTERM or SIGINT. `fence` and `silence` are for the bench's mutants.
    ///
    /// - Throws: `CoreFault` when it cannot start.
    package static func run(_ options: CoreOptions, fence: Fence = .whole, silence: Silence = .bridged)
        throws(CoreFault)
    {
        da_stop_on_signals()
        let board = try BoardImage.read(options.board)
        var kept: KeptFlight?
        if let descriptor = options.kept { kept = try KeptFlight(descriptor: descriptor, board: board.hash) }
        let lock = da_lock_take(options.run + "/core.lock")
        guard lock >= 0 else {
            throw CoreFault(
                lock == -EAGAIN
                    ? "Another core runs in \(options.run); two must not drive one bus. Stop it first."
                    : "The lock \(options.run)/core.lock cannot be taken: \(reason(lock)); does the folder exist?")
        }
        let former = kept?.flight(now: da_now())
        // A flight that is taken up waits for nothing: not for who reads these lines, not for a disk.
        if former == nil { describe(board) }
        let hardware = try Hardware(board, run: options.run, outputs: options.outputs)
        let epochs = EpochFile(folder: options.state)
        // Its reserve is on disk already.
        let last = if let former { former.arbiter.lastEpoch } else { try epochs.read() }
        let reserved = former?.arbiter.reservedEpoch ?? last + EpochFile.step
        if former == nil { try epochs.write(reserved) }
        var tick = FlightTick(
            board: board, bus: hardware.bus, motorBus: hardware.motorBus, lines: hardware.lines, edges: hardware.edges,
            clock: da_clock_monotonic(), lastEpoch: last, reservedEpoch: reserved, fence: fence, silence: silence)
        let mayServeAgain = former.map { tick.takeUp($0, now: da_now()) } ?? false
        let loop = TickLoop(tick, guards: hardware.guards, kept: kept, isRecorded: options.record != nil)
        let locked = da_memory_lock()
        if locked != 0 {
            say("memory is not locked (\(reason(locked))); pages may be fetched in flight.", as: .warning)
        }

        var realTime: Int32 = 0
        let tickThread = try Thread(name: "flight-tick", priority: tickPriority, cpu: tickCpu(), realTime: &realTime) {
            loop.run()
        }
        let names = InstanceNames()
        let server = try ControlServer(
            board: board, loop: loop, epochs: epochs, socket: options.run + "/core.sock",
            isRealTime: realTime == 1 && locked == 0, kept: kept, watchdog: options.watchdog, names: names)
        if mayServeAgain { server.attachAgain() } else { server.keepAttachments() }
        if former == nil {
            for instance in options.instances { try server.attach(name: instance.name, directory: instance.directory) }
        }
        if realTime == 0 { say("real-time priority is not allowed; the tick runs at normal priority.", as: .warning) }
        let recorderThread = try startRecorder(loop, board, names, path: options.record, isTakenUp: former != nil)
        if let former {
            say("the flight is taken up behind tick \(former.tick).", as: .warning)
            if !mayServeAgain {
                say("it is the second crash within a second: the failsafe flies, no instance is served.", as: .error)
            }
        }
        say("ready.")
        server.run(owner: former == nil ? options.owner : nil, isUrgent: former != nil)
        tickThread.join()
        recorderThread?.join()
    }

    private static func describe(_ board: da_board) {
        say("board '\(text(board.name))' \(hexadecimal(board.hash)), \(board.tick_rate) Hz.")
        let budget = BusBudget(board)
        let load = Int(budget.load * 100)
        say(
            budget.fits
                ? "the fullest tick loads the bus to \(load) %."
                : "the tick's transfers load the bus to \(load) %: it will not arm; raise bus_speed or lower tick_rate.",
            as: budget.fits ? .notice : .warning)
    }

    /// A record that cannot be written keeps a core on the ground from starting, but ends no flight.
    private static func startRecorder(
        _ loop: TickLoop, _ board: da_board, _ names: InstanceNames, path: String?, isTakenUp: Bool
    ) throws(CoreFault) -> Thread? {
        guard let path else { return nil }
        guard isTakenUp else {
            let recorder = try Recorder(loop.records, at: FlightRecords(path), board: board, names: names)
            return try Thread(name: "flight-record") { recorder.run() }
        }
        return try Thread(name: "flight-record") {
            do {
                let place = FlightRecords(path.hasSuffix("/") ? path : Recorder.continuation(of: path))
                try Recorder(loop.records, at: place, board: board, names: names).run()
            } catch { say("the flight goes on without a record: \(error)", as: .error) }
        }
    }

    /// The last CPU. On two, the whole chain from the bus to the owner runs there in turn, which is faster than to wake
    /// another CPU at each step. On three or more the kernel places the containers.
    private static func tickCpu() -> Int32 { da_cpu_count() - 1 }
}

/// 16 digits.
private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
