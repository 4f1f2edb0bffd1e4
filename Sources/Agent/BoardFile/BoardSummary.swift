package import CContract
internal import Contract

extension da_board {
    /// The board's hash as people compare it: the first 16 digits of the file's SHA-256.
    package var hashText: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// What the compiled board holds, one line a value, in the units of the board file.
    package var summary: String {
        func degrees(_ radians: Float) -> String { short(radians * 180 / Float.pi) }
        func short(_ number: Float) -> String { printed("%g", Double(number)) }
        func line(_ line: da_board_line) -> String {
            line.offset < 0 ? "none" : "\(line.offset)\(line.active_low == 0 ? "" : " active low")"
        }
        func microseconds(_ seconds: Float) -> String { short((seconds * 1e6).rounded()) }
        let sticks = [
            ("roll", receiver.channel.0), ("pitch", receiver.channel.1), ("climb", receiver.channel.2),
            ("yaw", receiver.channel.3),
        ].enumerated().map {
            "\($1.0) \($1.1)\(receiver.reversed & 1 << UInt8($0) == 0 ? "" : " reversed")"
        }.joined(separator: ", ")
        let range = receiver.range
        let failsafe =
            receiver.failsafe_channel == 0
            ? "no failsafe value"
            : "failsafe channel \(receiver.failsafe_channel) below \(microseconds(receiver.failsafe_below)) us"
        let radio =
            receiver.offset < 0
            ? "none"
            : "line \(receiver.offset) \(receiver.falling == 0 ? "rising" : "falling"); channels \(sticks); "
                + "\(microseconds(range.0)) \(microseconds(range.1)) \(microseconds(range.2)) us, "
                + "deadband \(microseconds(receiver.deadband)) us; \(failsafe)"
        let motorBus = motor_bus_speed == 0 ? "the same bus" : "\(text(motor_bus_device)) at \(motor_bus_speed) Hz"
        let chips = [
            ("imu", imu_address), ("barometer", baro_address), ("battery", battery_address), ("motors", motor_address),
        ]
        return """
            board           \(text(name)), hash \(hashText)
            bus             \(text(bus_device)) at \(bus_speed) Hz; motors on \(motorBus)
            chips           \(chips.map { "\($0.0) 0x\(String($0.1, radix: 16))" }.joined(separator: ", "))
            gpio            \(text(gpio_label)): arm \(line(self.line.0)), kill \(line(self.line.1)), \
            output enable \(line(self.line.2)), led \(line(self.line.3))
            receiver        \(radio)
            tick            \(tick_rate) Hz, command until \(short(command_deadline * 1000)) ms, held \(hold_ticks) ticks, \
            probation ends after \(miss_limit) missed, switch after \(settle_ticks) ticks in step
            pulses          \(short(pulse_min * 1e6)) to \(short(pulse_max * 1e6)) us at \(short(pwm_rate)) Hz
            battery         shunt \(short(battery_shunt * 1000)) mohm, low \(short(battery_low)) V, \
            critical \(short(battery_critical)) V
            vehicle         \(short(vehicle.mass)) kg, inertia \(short(vehicle.inertia.0)) \(short(vehicle.inertia.1)) \
            \(short(vehicle.inertia.2)) kg m2, \(short(vehicle.thrust_max)) N a motor, tilt to \(degrees(vehicle.tilt_limit)) deg
            limits          tilt \(degrees(tilt_max)) deg, rate \(degrees(rate_max)) deg/s, descent \(short(descent_max)) m/s, \
            slew \(short(slew_max)), pilot silent \(short(pilot_timeout * 1000)) ms, landing \(short(landing_speed)) m/s, \
            climb \(short(climb_max)) m/s
            """
    }
}
