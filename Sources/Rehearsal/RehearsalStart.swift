package import CContract
internal import Contract

/// The moment in which a rehearsal begins: what is known of the vehicle now.
package struct RehearsalStart: Sendable {
    /// From the core's welcome.
    package var vehicle: da_vehicle
    /// Hz.
    package var tickRate: Int
    /// The newest sample: rates, pressure, setpoint, mode, what the motors were told.
    package var sample: da_sample
    /// rad, by the core's own filter. Yaw is free: nothing on board measures it.
    package var roll: Float
    package var pitch: Float
    /// m/s, up.
    package var climb: Float

    package init(
        vehicle: da_vehicle, tickRate: Int, sample: da_sample, roll: Float, pitch: Float, climb: Float
    ) {
        self.vehicle = vehicle
        self.tickRate = tickRate
        self.sample = sample
        self.roll = roll
        self.pitch = pitch
        self.climb = climb
    }

    /// Hovering in the standard atmosphere: for tests.
    package static func hover(_ vehicle: da_vehicle, tickRate: Int) -> RehearsalStart {
        var sample = da_sample.make()
        sample.tick = 10_000
        sample.scheduled_ns = sample.tick * UInt64(1_000_000_000 / tickRate)
        sample.owner_epoch = 1
        sample.accel = (0, 0, -standardGravity)
        sample.pressure = 101_000
        sample.temperature = 15
        sample.battery_voltage = 12
        let hover = squareRoot(vehicle.mass * standardGravity / (4 * greater(vehicle.thrust_max, 0.01)))
        sample.applied = Motors(repeating: clamp(hover, 0, 1)).array
        sample.applied_tick = sample.tick - 1
        sample.mode = FlightMode.fly.rawValue
        sample.source = SetpointSource.ground.rawValue
        return RehearsalStart(vehicle: vehicle, tickRate: tickRate, sample: sample, roll: 0, pitch: 0, climb: 0)
    }
}
