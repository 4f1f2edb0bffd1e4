package import CContract
internal import Contract

/// What a compiled board holds, for JSON: SI units (s, Hz, kg, m, N, V, ohm, rad), their names in the keys where one
/// could doubt.
package struct BoardReport: Encodable, Equatable, Sendable {
    package struct Bus: Encodable, Equatable, Sendable {
        package var device: String
        package var speedHertz: UInt32

        private enum CodingKeys: String, CodingKey {
            case device
            case speedHertz = "speed_hz"
        }
    }

    package struct Line: Encodable, Equatable, Sendable {
        package var offset: Int32
        package var activeLow: Bool

        private enum CodingKeys: String, CodingKey {
            case offset
            case activeLow = "active_low"
        }
    }

    package var name: String
    package var hash: String
    package var bus: Bus
    /// nil: the motors are on the same bus.
    package var motorBus: Bus?
    package var gpioLabel: String
    /// By name: arm, kill, output_enable, led; those that the board has.
    package var lines: [String: Line] = [:]
    /// Line of the pilot's receiver; nil: the board has none.
    package var receiverLine: Int32?
    /// I2C addresses by chip: imu, barometer, battery, motors.
    package var addresses: [String: UInt8]
    package var tickRate: UInt32
    package var commandDeadline: Float
    package var pilotTimeout: Float
    package var pulses: [Float]
    package var pulseRate: Float
    package var batteryLow: Float
    package var batteryCritical: Float
    package var batteryShunt: Float
    package var mass: Float
    package var inertia: [Float]
    package var thrustMax: Float
    /// Limits of the envelope, and of what a pilot may ask for.
    package var tiltMax: Float
    package var rateMax: Float
    package var descentMax: Float
    package var pilotTiltMax: Float
    package var climbMax: Float
    package var landingSpeed: Float

    private enum CodingKeys: String, CodingKey {
        case name, hash, bus, lines, addresses
        case motorBus = "motor_bus"
        case gpioLabel = "gpio_label"
        case receiverLine = "receiver_line"
        case tickRate = "tick_rate_hz"
        case commandDeadline = "command_deadline_s"
        case pilotTimeout = "pilot_timeout_s"
        case pulses = "pulses_s"
        case pulseRate = "pulse_rate_hz"
        case batteryLow = "battery_low_v"
        case batteryCritical = "battery_critical_v"
        case batteryShunt = "battery_shunt_ohm"
        case mass = "mass_kg"
        case inertia = "inertia_kg_m2"
        case thrustMax = "thrust_max_n"
        case tiltMax = "tilt_max_rad"
        case rateMax = "rate_max_rad_s"
        case descentMax = "descent_max_m_s"
        case pilotTiltMax = "pilot_tilt_max_rad"
        case climbMax = "climb_max_m_s"
        case landingSpeed = "landing_speed_m_s"
    }

    package init(_ board: da_board) {
        name = text(board.name)
        hash = board.hashText
        bus = Bus(device: text(board.bus_device), speedHertz: board.bus_speed)
        if board.motor_bus_speed != 0 {
            motorBus = Bus(device: text(board.motor_bus_device), speedHertz: board.motor_bus_speed)
        }
        gpioLabel = text(board.gpio_label)
        let all = [
            ("arm", board.line.0), ("kill", board.line.1), ("output_enable", board.line.2), ("led", board.line.3),
        ]
        for (name, line) in all where line.offset >= 0 {
            lines[name] = Line(offset: line.offset, activeLow: line.active_low != 0)
        }
        if board.receiver.offset >= 0 { receiverLine = board.receiver.offset }
        addresses = [
            "imu": board.imu_address, "barometer": board.baro_address, "battery": board.battery_address,
            "motors": board.motor_address,
        ]
        (tickRate, commandDeadline, pilotTimeout) = (board.tick_rate, board.command_deadline, board.pilot_timeout)
        (pulses, pulseRate) = ([board.pulse_min, board.pulse_max], board.pwm_rate)
        (batteryLow, batteryCritical, batteryShunt) = (board.battery_low, board.battery_critical, board.battery_shunt)
        let vehicle = board.vehicle
        (mass, thrustMax, pilotTiltMax) = (vehicle.mass, vehicle.thrust_max, vehicle.tilt_limit)
        inertia = [vehicle.inertia.0, vehicle.inertia.1, vehicle.inertia.2]
        (tiltMax, rateMax, descentMax) = (board.tilt_max, board.rate_max, board.descent_max)
        (climbMax, landingSpeed) = (board.climb_max, board.landing_speed)
    }
}
