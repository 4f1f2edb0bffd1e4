import Airframe
import CPlatform
import Contract
import FlightCore
import Simulator

/// The process behind `flightbench world`.
package enum WorldProcess {
    /// Serves until SIGTERM or SIGINT. `batteries`: how many of its batteries the vehicle has, at no weight.
    /// `faults`: the pipe through which chips are struck. `adapter`: the chips are behind the kernel's devices too.
    ///
    /// - Throws: `BenchFault` when socket or logs cannot be made, or a log is not whole.
    package static func run(
        board path: String, socket: String, folder: String, seed: UInt64, batteries: Double,
        faults: String? = nil, adapter: Bool = false
    ) throws(BenchFault) {
        da_stop_on_signals()
        // A chip does not wait for a disk. Where it is not allowed, the heartbeats tell.
        _ = da_memory_lock()
        do {
            let board = try BoardImage.read(path)
            var parameters = WorldParameters(board: board)
            parameters.battery.capacity *= batteries
            // Before the socket is made: who sees that finds the pipe too.
            let orders = try faults.map { try WorldFaults(path: $0) }
            let server = try BridgeServer(
                parameters: parameters, seed: seed, options: .init(socket: socket, folder: folder))
            let bridge = adapter ? try AdapterServer(server.world, board) : nil
            try bridge?.start()
            try server.start()
            while da_stop_requested() == 0 {
                orders?.take(into: server.world)
                da_sleep_until(da_now() + 20_000_000)
            }
            bridge?.stop()
            let report = server.stop()
            print(
                "real time: \(report.isRealTime), transfers: \(report.requests), motor writes: \(report.motorRecords), stalls: \(report.stalls)"
            )
            if report.lost > 0 { throw BenchFault("\(report.lost) records were lost; the flight cannot be judged.") }
            if let fault = report.logFault { throw BenchFault("\(fault)") }
        } catch let fault as BenchFault { throw fault } catch { throw BenchFault("\(error)") }
    }
}
