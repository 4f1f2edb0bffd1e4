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
        say("board '\(text(board.name))' \(hexadecimal(board.hash)), \(board.tick_rate) Hz.")
        let budget = BusBudget(board)
        let load = Int(budget.load * 100)
        say(
            budget.fits
                ? "the fullest tick loads the bus to \(load) %."
                : "the tick's transfers load the bus to \(load) %: it will not arm; raise bus_speed or lower tick_rate."
        )
        let hardware = try Hardware(board, run: options.run)
        let epochs = EpochFile(folder: options.state)
        let last = try epochs.read()
        try epochs.write(last + EpochFile.step)
        let tick = FlightTick(
            board: board, bus: hardware.bus, motorBus: hardware.motorBus, lines: hardware.lines,
            clock: da_clock_monotonic(), lastEpoch: last, reservedEpoch: last + EpochFile.step, fence: fence,
            silence: silence)
        let loop = TickLoop(tick, guards: hardware.guards)
        let recorder: Recorder? =
            if let path = options.record { try Recorder(loop.records, path: path, board: board) } else { nil }
        let locked = da_memory_lock()
        if locked != 0 { say("memory is not locked (\(reason(locked))); pages may be fetched in flight.") }

        var realTime: Int32 = 0
        let tickThread = try Thread(name: "flight-tick", priority: tickPriority, cpu: tickCpu(), realTime: &realTime) {
            loop.run()
        }
        if realTime == 0 { say("real-time priority is not allowed; the tick runs at normal priority.") }
        var recorderThread: Thread?
        if let recorder { recorderThread = try Thread(name: "flight-record") { recorder.run() } }
        let server = try ControlServer(
            board: board, loop: loop, epochs: epochs, socket: options.run + "/core.sock",
            isRealTime: realTime == 1 && locked == 0)
        for instance in options.instances { try server.attach(name: instance.name, directory: instance.directory) }
        say("ready.")
        server.run(owner: options.owner)
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
