public import CContract

/// How long a tick's transfers take on the bus, from the bus speed and their bytes.
///
/// I2C moves 9 clocks a byte (8 bits and the acknowledge; UM10204 section 3.1.5). A register read sends address,
/// register, address again and then the data; a write sends address, register and data. Start, repeated start
/// and stop take about a clock each.
public struct BusBudget: Equatable, Sendable {
    /// Time of one transfer beyond its clocks: driver, interrupt and scheduling, s. An estimate; the core measures.
    public static let overhead: Double = 60e-6
    /// Share of a tick from the IMU's reading to the end of the motor write; the rest is for the owner's answer.
    public static let limit: Double = 0.8

    /// What an owner takes for its answer, s: twice what two processes need here, for a slower board.
    public static let answer: Double = 80e-6

    /// The IMU's reading, s.
    public let imuSeconds: Double
    /// The motor write, s.
    public let motorSeconds: Double
    /// The longest turn of a slower chip, s: it follows the motor write, and the next tick's IMU waits for it.
    public let turnSeconds: Double
    /// Of a tick, s.
    public let period: Double
    private let isShared: Bool

    public init(_ board: da_board) {
        period = 1 / Double(max(1, board.tick_rate))
        let speed = Double(max(1, board.bus_speed))
        isShared = board.motor_bus_speed == 0
        imuSeconds = Self.read(bytes: 14, speed: speed)
        motorSeconds = Self.write(bytes: 16, speed: isShared ? speed : Double(board.motor_bus_speed))
        // Three bytes, of the barometer's pressure or temperature, are the longest turn.
        turnSeconds = Self.read(bytes: 3, speed: speed)
    }

    /// All transfers of the fullest tick, one after the other, s.
    public var seconds: Double { imuSeconds + motorSeconds + turnSeconds }

    /// Load of the busier bus in the fullest tick, 0 to 1 (and beyond, when it does not fit).
    public var load: Double {
        (isShared ? seconds : max(imuSeconds + turnSeconds, motorSeconds)) / period
    }

    /// Sensing and writing follow each other even on two buses, so both must leave the owner its time.
    public var fits: Bool { imuSeconds + motorSeconds <= Self.limit * period && seconds + Self.answer <= period }

    /// s.
    public static func read(bytes: Int, speed: Double) -> Double { Double(9 * (3 + bytes) + 3) / speed + overhead }

    /// s.
    public static func write(bytes: Int, speed: Double) -> Double { Double(9 * (2 + bytes) + 2) / speed + overhead }
}
