public import CContract

/// How long the transfers of the fullest tick take on the bus, from the bus speed and their bytes.
///
/// I2C moves 9 clocks a byte (8 bits and the acknowledge; UM10204 section 3.1.5). A register read sends address,
/// register, address again and then the data; a write sends address, register and data. Start, repeated start
/// and stop take about a clock each.
public struct BusBudget: Equatable, Sendable {
    /// Time of one transfer beyond its clocks: driver, interrupt and scheduling, s. An estimate; the core measures.
    public static let overhead: Double = 60e-6
    /// Share of a tick that transfers may take; the rest is for the owner's answer.
    public static let limit: Double = 0.8

    /// Transfer time on the sensors' bus in the fullest tick, s.
    public let sensorSeconds: Double
    /// Transfer time on the motors' bus, s; counted in `sensorSeconds` when there is one bus.
    public let motorSeconds: Double
    /// Of a tick, s.
    public let period: Double

    public init(_ board: da_board) {
        period = 1 / Double(max(1, board.tick_rate))
        let speed = Double(max(1, board.bus_speed))
        let imu = Self.read(bytes: 14, speed: speed)
        // Barometer and battery take turns: the longest of them counts.
        let slow = Self.read(bytes: 6, speed: speed)
        let motorSpeed = board.motor_bus_speed == 0 ? speed : Double(board.motor_bus_speed)
        let motors = Self.write(bytes: 16, speed: motorSpeed)
        if board.motor_bus_speed == 0 {
            sensorSeconds = imu + slow + motors
            motorSeconds = 0
        } else {
            sensorSeconds = imu + slow
            motorSeconds = motors
        }
    }

    /// Load of the busier bus, 0 to 1 (and beyond, when it does not fit).
    public var load: Double { max(sensorSeconds, motorSeconds) / period }

    /// Sense and actuate follow each other even on two buses, so both must fit one tick.
    public var fits: Bool { sensorSeconds + motorSeconds <= Self.limit * period }

    /// s.
    public static func read(bytes: Int, speed: Double) -> Double { Double(9 * (3 + bytes) + 3) / speed + overhead }

    /// s.
    public static func write(bytes: Int, speed: Double) -> Double { Double(9 * (2 + bytes) + 2) / speed + overhead }
}
