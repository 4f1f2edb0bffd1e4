internal import Agent
internal import CContract
internal import Contract
internal import LiveRecord

/// Reads how the flight is: the core's status, and from its flight log what no status has.
struct FlightReader {
    private let core: CoreClient
    private var record: NewestRecord

    init(core: CoreClient, recordPath: String) {
        self.core = core
        record = NewestRecord(path: recordPath)
    }

    mutating func look() -> Vehicle<Endpoint>.Look {
        // Nothing to read is nothing known: its values are empty then.
        _ = try? record.look()
        do { return .state(state(try core.status())) } catch { return .lost("\(error)") }
    }

    mutating func close() { record.close() }

    private func state(_ status: da_status) -> VehicleState {
        var state = VehicleState()
        // A mode of a newer core: as long as it is not known the vehicle counts as armed.
        state.mode = FlightMode(rawValue: status.mode) ?? .armed
        state.source = SetpointSource(rawValue: status.source) ?? .none
        state.isOnGround = status.on_ground != 0
        state.roll = status.roll
        state.pitch = status.pitch
        state.yaw = record.values.yaw
        state.rates = record.values.rates
        state.altitude = status.altitude
        state.climb = status.climb
        state.motors = record.values.motors
        state.voltage = status.battery_voltage
        state.current = record.values.current
        state.busLoad = status.bus_load
        state.writesFailed = status.writes_failed
        state.readsFailed = status.reads_failed
        state.trouble = ArmingReasons(rawValue: status.arming_refused)
        state.owner = status.owner.map { text($0.name) }
        state.epoch = status.owner_epoch
        return state
    }
}
