internal import Agent
internal import CContract
internal import Contract
internal import LiveRecord

/// Reads how the flight is: the core's status, and from its flight log what no status has.
struct FlightReader {
    private let core: CoreClient
    private var record: RecordTail
    /// For one look after another: the log has some values more rarely than it is looked at.
    private var recorded = RecordTail.Values()

    init(core: CoreClient, recordPath: String) {
        self.core = core
        record = RecordTail(path: recordPath)
    }

    mutating func look() -> Vehicle<Endpoint>.Look {
        readRecord()
        do { return .state(state(try core.status())) } catch { return .lost("\(error)") }
    }

    mutating func close() { record.close() }

    /// Without a log, and so on the ground, these values are not known.
    private mutating func readRecord() {
        do throws(Fault) {
            guard let values = try record.look() else {
                recorded = RecordTail.Values()
                return
            }
            recorded.yaw = values.yaw ?? recorded.yaw
            recorded.rates = values.rates ?? recorded.rates
            recorded.motors = values.motors ?? recorded.motors
            recorded.current = values.current ?? recorded.current
        } catch { recorded = RecordTail.Values() }
    }

    private func state(_ status: da_status) -> VehicleState {
        var state = VehicleState()
        // A mode of a newer core: as long as it is not known the vehicle counts as armed.
        state.mode = FlightMode(rawValue: status.mode) ?? .armed
        state.source = SetpointSource(rawValue: status.source) ?? .none
        state.isOnGround = status.on_ground != 0
        state.roll = status.roll
        state.pitch = status.pitch
        state.yaw = recorded.yaw
        state.rates = recorded.rates
        state.altitude = status.altitude
        state.climb = status.climb
        state.motors = recorded.motors
        state.voltage = status.battery_voltage
        state.current = recorded.current
        state.busLoad = status.bus_load
        state.writesFailed = status.writes_failed
        state.readsFailed = status.reads_failed
        state.trouble = ArmingReasons(rawValue: status.arming_refused)
        state.owner = status.owner.map { text($0.name) }
        state.epoch = status.owner_epoch
        return state
    }
}
