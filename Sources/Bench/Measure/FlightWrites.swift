import CContract
import CPlatform
import FlightCore
import Simulator

/// The motor writes of a flight that is over, and the stalls of its CPU, as it left them in its folder.
struct FlightWrites {
    private let writes: [(scheduled: UInt64, written: UInt64)]
    private let stalls: [Range<UInt64>]
    /// ns, of a tick.
    private let period: UInt64

    /// - Throws: `BenchFault` when its logs cannot be read, or it never flew.
    init(_ flight: FlyOptions) throws(BenchFault) {
        do {
            let board = try BoardImage.read(flight.run + "/state/board.bin")
            let world = flight.run + "/world/"
            let truth: [TruthRecord] = try RecordFile.read(world + BridgeServer.truthLogName)
            guard let window = FlightWindow.airborne(truth) else { throw BenchFault("The vehicle never flew.") }
            period = 1_000_000_000 / UInt64(board.tick_rate)
            let ledger = TickLedger(
                motors: try RecordFile.read(world + BridgeServer.motorLogName),
                logs: try KeptLogs(of: flight.run + "/instances", in: flight.keptLogs).read(),
                encoding: PCA9685.Encoding(board), period: period, window: window)
            writes = ledger.entries.map { (scheduled: $0.scheduled, written: $0.written) }
            // Those of the CPU on which the flight runs, as in its verdict.
            let records: [StallRecord] = try RecordFile.read(world + BridgeServer.stallLogName)
            stalls = records.filter { $0.cpu == da_cpu_count() - 1 && $0.end > $0.start }.map { $0.start..<$0.end }
        } catch let fault as BenchFault { throw fault } catch {
            throw BenchFault("The flight's logs cannot be read: \(error)")
        }
    }

    /// Windows (s, CLOCK_MONOTONIC), each beside as long a time behind it; `stalled`: with the ticks over which the machine
    /// stalled.
    func lateness(_ windows: [(begin: Double, end: Double)], stalled: Bool = false) -> Lateness {
        Lateness(writes, updates: windows, stalls: stalled ? [] : stalls, period: period)
    }
}
