internal import Agent
internal import CContract
internal import Contract
internal import LiveRecord

/// Reads how the flight is: one status of the core, and what its flight log has that no status has.
///
/// The core answers from its control thread and the log is a file: no look touches the tick.
struct LiveReader {
    private let core: CoreClient
    private var record: NewestRecord

    init(core: CoreClient, recordPath: String) {
        self.core = core
        record = NewestRecord(path: recordPath)
    }

    /// Core and log; the agent's part is left empty.
    mutating func look() -> LiveReading {
        var reading = LiveReading()
        do { reading.flight = LiveReading.Flight(try core.status()) } catch { reading.coreFault = "\(error)" }
        // Nothing to read is nothing known: its values are empty then.
        _ = try? record.look()
        reading.record = record.values
        return reading
    }
}
