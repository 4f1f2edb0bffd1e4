public import CContract
internal import Contract

extension da_sample {
    /// The same sample with every number finite and physically plausible, so that no controller need ask.
    ///
    /// A vector with a NaN or an infinity is replaced by that of the sample before. Limits are those of the
    /// chips (MPU-6050: ±34.9 rad/s, ±157 m/s²; BMP280: 300 to 1100 hPa) and of sense.
    ///
    /// - Parameter previous: the sample before, already plausible.
    /// - Returns: the sample to compute with.
    @_noAllocation
    @usableFromInline
    func plausible(after previous: da_sample) -> da_sample {
        var sample = self
        let turn = Vector3(gyro)
        sample.gyro = (turn.isFinite ? turn : Vector3(previous.gyro)).clamped(35).array
        let force = Vector3(accel)
        sample.accel = (force.isFinite ? force : Vector3(previous.accel)).clamped(160).array
        // 0 stands for "not measured yet": it must not become a datum.
        sample.pressure = pressure >= 30_000 && pressure <= 110_000 ? pressure : previous.pressure
        sample.temperature = clamp(temperature.isFinite ? temperature : previous.temperature, -40, 85)
        sample.battery_voltage = clamp(battery_voltage.isFinite ? battery_voltage : previous.battery_voltage, 0, 60)
        sample.battery_current = clamp(battery_current.isFinite ? battery_current : previous.battery_current, -100, 200)
        sample.setpoint.roll = clamp(setpoint.roll, -1.5, 1.5)
        sample.setpoint.pitch = clamp(setpoint.pitch, -1.5, 1.5)
        sample.setpoint.yaw_rate = clamp(setpoint.yaw_rate, -10, 10)
        sample.setpoint.climb = clamp(setpoint.climb, -10, 10)
        return sample
    }

    /// A sample of a vehicle that stands level in the standard atmosphere: before the first one.
    @usableFromInline
    static var atRest: da_sample {
        var sample = da_sample.make()
        sample.accel = (0, 0, -standardGravity)
        sample.pressure = 101_325
        sample.temperature = 15
        return sample
    }
}
