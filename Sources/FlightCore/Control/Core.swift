import CBoard
import CContract
import CPlatform
import Contract
import Glibc

/// Puts the core together and runs its three threads.
package enum Core {
    /// SCHED_FIFO of the tick; the bus thread stands one above, so that a transfer's end is noticed at once.
    private static let tickPriority: Int32 = 80

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Throws: `CoreFault` when it cannot start.
    package static func run(_ options: CoreOptions) throws(CoreFault) {
        da_stop_on_signals()
        let board = try BoardImage.read(options.board)
        say("board '\(text(board.name))' \(hexadecimal(board.hash)), \(board.tick_rate) Hz.")
        let budget = BusBudget(board)
        let load = Int(budget.load * 100)
        say(
            budget.fits
                ? "the fullest tick loads the bus to \(load) %."
                : "the tick's transfers load the bus to \(load) %: it will not arm; raise bus_speed or lower tick_rate."
        )
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
        let hardware = try Hardware(board, run: options.run, outputs: options.outputs)
        let epochs = EpochFile(folder: options.state)
        // A flight that is taken up brings its reserve, which is on disk: it must not wait for one.
        let last = if let former { former.arbiter.lastEpoch } else { try epochs.read() }
        let reserved = former?.arbiter.reservedEpoch ?? last + EpochFile.step
        if former == nil { try epochs.write(reserved) }
        var tick = FlightTick(
            board: board, bus: hardware.bus, motorBus: hardware.motorBus, lines: hardware.lines,
            clock: da_clock_monotonic(), lastEpoch: last, reservedEpoch: reserved)
        if let former { tick.takeUp(former, now: da_now()) }
        let loop = TickLoop(tick, guards: hardware.guards, kept: kept)
        let locked = da_memory_lock()
        if locked != 0 { say("memory is not locked (\(reason(locked))); pages may be fetched in flight.") }

        var realTime: Int32 = 0
        let tickThread = try Thread(name: "flight-tick", priority: tickPriority, cpu: tickCpu(), realTime: &realTime) {
            loop.run()
        }
        let server = try ControlServer(
            board: board, loop: loop, epochs: epochs, socket: options.run + "/core.sock",
            isRealTime: realTime == 1 && locked == 0, kept: kept)
        if former != nil { server.attachAgain() }
        for instance in options.instances where !server.isAttached(instance.name) {
            try server.attach(name: instance.name, directory: instance.directory)
        }
        if realTime == 0 { say("real-time priority is not allowed; the tick runs at normal priority.") }
        var recorderThread: Thread?
        if let path = options.record {
            let recorder = try Recorder(
                loop.records, path: former == nil ? path : Recorder.continuation(of: path), board: board)
            recorderThread = try Thread(name: "flight-record") { recorder.run() }
        }
        if let former { say("the flight is taken up behind tick \(former.tick).") }
        say("ready.")
        server.run(owner: former == nil ? options.owner : nil, isUrgent: former != nil)
        tickThread.join()
        recorderThread?.join()
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
