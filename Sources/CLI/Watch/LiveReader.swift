internal import Agent
internal import CContract
internal import Contract
internal import LiveRecord

/// Reads how the flight is: one status of the core, and what its flight log has that no status has.
///
/// The core answers from its control thread and the log is a file: no look touches the tick.
struct LiveReader {
    private let core: CoreClient
    private var tail: RecordTail
    /// For one look after another: the log has some values more rarely than it is looked at.
    private var record = LiveReading.Record()

    init(core: CoreClient, recordPath: String) {
        self.core = core
        tail = RecordTail(path: recordPath)
    }

    /// Core and log; the agent's part is left empty.
    mutating func look() -> LiveReading {
        var reading = LiveReading()
        do { reading.flight = LiveReading.Flight(try core.status()) } catch { reading.coreFault = "\(error)" }
        follow()
        reading.record = record
        return reading
    }

    private mutating func follow() {
        do throws(Fault) {
            guard let values = try tail.look() else {
                record = LiveReading.Record()
                return
            }
            record.yaw = values.yaw ?? record.yaw
            record.rates = values.rates ?? record.rates
            record.motors = values.motors ?? record.motors
            record.current = values.current ?? record.current
        } catch { record = LiveReading.Record() }
    }
}
