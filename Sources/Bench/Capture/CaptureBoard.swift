package import CContract
import FlightCore

/// What a capture is held against: of the board file, how the motors' chip is told, and what it makes of it.
package struct CaptureBoard: Sendable {
    /// Lines of a capture, in the order of their bits. OE is the chip's pin: low drives its outputs (data sheet, 7.4).
    package static let lines = ["SCL", "SDA", "OE", "M1", "M2", "M3", "M4"]

    package var address: UInt8
    /// Of the first motor channel's counts; those of four channels follow.
    package var firstRegister: UInt8
    /// Channel of each motor, from the first one's on.
    package var order: [Int]
    /// ns between two ticks, between two pulses, and of one count.
    package var tick: Double
    package var turn: Double
    package var count: Double

    /// LED0_ON_L, and registers of a channel (PCA9685 data sheet, table 4).
    private static let led0: UInt8 = 6
    private static let registers: UInt8 = 4

    package init(_ board: da_board) {
        let encoding = PCA9685.Encoding(board)
        address = board.motor_address
        let channels = [
            board.motor_channel.0, board.motor_channel.1, board.motor_channel.2, board.motor_channel.3,
        ]
        firstRegister = Self.led0 + Self.registers * encoding.firstChannel
        order = channels.map { Int($0 &- encoding.firstChannel) & 3 }
        tick = 1e9 / Double(max(board.tick_rate, 1))
        count = 1e9 * (Double(encoding.prescale) + 1) / Double(max(board.pwm_oscillator, 1))
        turn = count * Double(PCA9685.countsPerPeriod)
    }
}
