package import Airframe

/// Texas Instruments INA219, the battery monitor, at register level (data sheet SBOS448G).
///
/// Registers are 16-bit words, high byte first; a write takes effect when both bytes have arrived.
package struct INA219Chip {
    /// Register addresses, named as in the data sheet (8.6.1).
    package enum Register {
        package static let configuration: UInt8 = 0
        package static let shuntVoltage: UInt8 = 1
        package static let busVoltage: UInt8 = 2
        package static let power: UInt8 = 3
        package static let current: UInt8 = 4
        package static let calibration: UInt8 = 5
    }

    package struct Parameters: Sendable {
        /// ohm.
        package var shunt = 0.001
        /// V RMS of one 12-bit shunt conversion (LSB 10 µV).
        package var shuntNoise = 10e-6
        /// V RMS of one 12-bit bus conversion (LSB 4 mV).
        package var busNoise = 2e-3

        package init() {}
    }

    private static let configurationAtReset: UInt16 = 0x399F
    private static let resetBit: UInt16 = 0x8000
    /// Bits of the bus voltage register.
    private static let ready: UInt16 = 2  // CNVR
    private static let overflow: UInt16 = 1  // OVF

    private let parameters: Parameters
    private var random: RandomSource
    private var configuration = INA219Chip.configurationAtReset
    private var calibration: UInt16 = 0
    private var shuntWord: Int16 = 0
    private var busWord: UInt16 = 0
    private var currentWord: Int16 = 0
    private var powerWord: UInt16 = 0
    /// ns at which the conversion under way ends; `max` when none is.
    package private(set) var nextEvent: UInt64 = 0

    package init(_ parameters: Parameters, start: UInt64, random: RandomSource) {
        self.parameters = parameters
        self.random = random
        reset(at: start)
    }

    /// Back to the state of power-up: continuous conversion of both inputs.
    package mutating func reset(at time: UInt64) {
        configuration = Self.configurationAtReset
        calibration = 0
        shuntWord = 0
        busWord = 0
        currentWord = 0
        powerWord = 0
        begin(at: time)
    }

    // MARK: bus

    /// Reads the register's two bytes; the chip has no more to say, further bytes are 0xFF.
    package mutating func read(_ register: UInt8, count: Int, at time: UInt64) -> Block {
        let word: UInt16 =
            switch register {
            case Register.configuration: configuration
            case Register.shuntVoltage: UInt16(bitPattern: shuntWord)
            case Register.busVoltage: busWord
            case Register.power: powerWord
            case Register.current: UInt16(bitPattern: currentWord)
            case Register.calibration: calibration
            default: 0
            }
        var block = Block(count: count)
        for index in 0..<block.count {
            block[index] = index == 0 ? UInt8(word >> 8) : (index == 1 ? UInt8(word & 0xFF) : 0xFF)
        }
        if register == Register.power { busWord &= ~Self.ready }
        return block
    }

    package mutating func write(_ register: UInt8, _ block: Block, at time: UInt64) {
        guard block.count >= 2 else { return }
        let word = block.bigEndian(at: 0)
        switch register {
        case Register.configuration:
            guard word & Self.resetBit == 0 else { return reset(at: time) }
            configuration = word
            busWord &= ~Self.ready
            begin(at: time)
        case Register.calibration:
            calibration = word & 0xFFFE  // bit 0 is void
        default: return
        }
    }

    // MARK: converting

    private var mode: UInt16 { configuration & 7 }

    /// Conversion time in µs by the ADC setting (data sheet table 5).
    private static func conversionTime(_ setting: UInt16) -> Double {
        if setting & 8 == 0 { return [84, 148, 276, 532][Int(setting & 3)] }
        return [532, 1060, 2130, 4260, 8510, 17020, 34050, 68100][Int(setting & 7)]
    }

    private mutating func begin(at time: UInt64) {
        guard mode != 0 && mode != 4 else {  // power-down, ADC off
            nextEvent = .max
            return
        }
        var microseconds = 0.0
        if mode & 1 != 0 { microseconds += Self.conversionTime(configuration >> 3 & 15) }
        if mode & 2 != 0 { microseconds += Self.conversionTime(configuration >> 7 & 15) }
        nextEvent = time &+ UInt64(microseconds * 1000)
    }

    /// Lets a conversion end that is due at `time`, with the battery at `voltage` V giving `current` A.
    package mutating func advance(to time: UInt64, voltage: Double, current: Double) {
        guard nextEvent <= time else { return }
        if mode & 1 != 0 { convertShunt(current) }
        if mode & 2 != 0 { convertBus(voltage) }
        compute()
        busWord |= Self.ready
        if mode & 4 != 0 {
            // Continuous; after a long sleep of the world the missed ones are not made up.
            begin(at: max(nextEvent, time &- min(time, 1_000_000)))
        } else {
            nextEvent = .max
        }
    }

    /// Averaged samples make the noise smaller.
    private static func noiseScale(_ setting: UInt16) -> Double {
        setting & 8 == 0 ? 1 : 1 / Double(1 << (setting & 7)).squareRoot()
    }

    private mutating func convertShunt(_ current: Double) {
        let noise = parameters.shuntNoise * Self.noiseScale(configuration >> 3 & 15) * random.gaussian()
        let limit = 0.04 * Double(1 << (configuration >> 11 & 3))  // PGA: ±40, 80, 160, 320 mV
        let volts = max(-limit, min(limit, current * parameters.shunt + noise))
        shuntWord = Int16((volts / 10e-6).rounded())
    }

    private mutating func convertBus(_ voltage: Double) {
        let noise = parameters.busNoise * Self.noiseScale(configuration >> 7 & 15) * random.gaussian()
        let limit = configuration & 0x2000 != 0 ? 32.0 : 16.0
        let volts = max(0, min(limit, voltage + noise))
        busWord = UInt16((volts / 4e-3).rounded()) << 3 | (busWord & Self.ready)
    }

    /// Current and power as the chip computes them from the calibration (data sheet equations 4 and 5).
    private mutating func compute() {
        let current = Int(shuntWord) * Int(calibration) / 4096
        let power = max(0, current) * Int(busWord >> 3) / 5000
        busWord &= ~Self.overflow
        if current > 32767 || current < -32768 || power > 65535 { busWord |= Self.overflow }
        currentWord = Int16(max(-32768, min(32767, current)))
        powerWord = UInt16(min(65535, power))
    }
}
