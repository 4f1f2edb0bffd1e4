package import Airframe

/// Bosch BMP280, the barometer, at register level (data sheet BST-BMP280-DS001 rev. 1.26).
package struct BMP280Chip {
    /// Register addresses, named as in the data sheet's memory map (4.2).
    package enum Register {
        package static let calibration: UInt8 = 0x88  // calib00, 24 bytes
        package static let id: UInt8 = 0xD0
        package static let reset: UInt8 = 0xE0
        package static let status: UInt8 = 0xF3
        package static let control: UInt8 = 0xF4  // ctrl_meas
        package static let config: UInt8 = 0xF5
        package static let data: UInt8 = 0xF7  // press_msb, 6 bytes: pressure, temperature, 20 bits each
    }

    package struct Parameters: Sendable {
        /// Pa RMS of one pressure reading without oversampling (data sheet 3.5: 2.6 Pa at ×1, 1.3 at ×4).
        package var noise = 2.6
        /// Pa, constant (data sheet: absolute accuracy ±1 hPa).
        package var bias = 30.0
        package var calibration = BMP280Calibration()

        package init() {}
    }

    /// Raw value of a measurement that is skipped or was not made yet (data sheet 4.3.6).
    private static let skipped = 0x80000
    /// ns for loading the calibration after power-up or reset (data sheet 1: 2 ms).
    private static let startTime: UInt64 = 2_000_000
    /// Standby in ms by t_sb (data sheet 3.6.3).
    private static let standby = [0.5, 62.5, 125, 250, 500, 1000, 2000, 4000]

    private enum Phase: Equatable {
        /// Until a mode is written.
        case idle
        /// Until `time`, when the results appear.
        case measuring(until: UInt64)
        /// Normal mode's pause until `time`, when the next measurement begins.
        case standby(until: UInt64)
    }

    private let parameters: Parameters
    private let calibrationBytes: [UInt8]
    private var random: RandomSource
    private var control: UInt8 = 0
    private var config: UInt8 = 0
    private var phase = Phase.idle
    private var loadedAt: UInt64 = 0
    private var rawPressure = BMP280Chip.skipped
    private var rawTemperature = BMP280Chip.skipped
    /// The IIR filter's memory; nil until its first measurement.
    private var filtered: (pressure: Double, temperature: Double)?
    /// ns of the next event; the world asks no earlier.
    package private(set) var nextEvent = UInt64.max

    package init(_ parameters: Parameters, start: UInt64, random: RandomSource) {
        self.parameters = parameters
        calibrationBytes = parameters.calibration.bytes
        self.random = random
        loadedAt = start &+ Self.startTime
    }

    /// Back to the state of power-up.
    package mutating func reset(at time: UInt64) {
        control = 0
        config = 0
        phase = .idle
        nextEvent = .max
        loadedAt = time &+ Self.startTime
        rawPressure = Self.skipped
        rawTemperature = Self.skipped
        filtered = nil
    }

    // MARK: bus

    /// Reads `count` bytes from `register` on.
    package func read(_ register: UInt8, count: Int, at time: UInt64) -> Block {
        var block = Block(count: count)
        for index in 0..<block.count { block[index] = value(Int(register) + index, at: time) }
        return block
    }

    private func value(_ register: Int, at time: UInt64) -> UInt8 {
        switch register {
        case 0x88...0x9F: calibrationBytes[register - 0x88]
        case 0xD0: 0x58
        case 0xF3: (isMeasuring ? 8 : 0) | (time < loadedAt ? 1 : 0)
        case 0xF4: control
        case 0xF5: config
        case 0xF7: UInt8(rawPressure >> 12 & 0xFF)
        case 0xF8: UInt8(rawPressure >> 4 & 0xFF)
        case 0xF9: UInt8(rawPressure << 4 & 0xF0)
        case 0xFA: UInt8(rawTemperature >> 12 & 0xFF)
        case 0xFB: UInt8(rawTemperature >> 4 & 0xFF)
        case 0xFC: UInt8(rawTemperature << 4 & 0xF0)
        default: 0
        }
    }

    private var isMeasuring: Bool {
        if case .measuring = phase { return true }
        return false
    }

    /// Writes: the chip takes pairs of register and value, it does not count up (data sheet 5.2.1).
    package mutating func write(_ register: UInt8, _ block: Block, at time: UInt64) {
        var at = register
        var index = 0
        while index < block.count {
            set(at, block[index], at: time)
            guard index + 2 < block.count else { return }
            at = block[index + 1]
            index += 2
        }
    }

    private mutating func set(_ register: UInt8, _ value: UInt8, at time: UInt64) {
        switch register {
        case Register.reset where value == 0xB6: reset(at: time)
        case Register.config:
            // In normal mode a write "may be ignored" (data sheet 4.3.5): this chip ignores it.
            guard control & 3 != 3 else { return }
            if (value ^ config) & 0x1C != 0 { filtered = nil }
            config = value
        case Register.control:
            control = value
            if value & 3 == 0 {
                phase = .idle
                nextEvent = .max
            } else {
                begin(at: max(time, loadedAt))
            }
        default: return
        }
    }

    // MARK: measuring

    /// Samples of one quantity by its oversampling bits.
    private static func oversampling(_ bits: UInt8) -> Double {
        bits == 0 ? 0 : Double(1 << (min(bits, 5) - 1))
    }

    private mutating func begin(at time: UInt64) {
        let temperature = Self.oversampling(control >> 5)
        let pressure = Self.oversampling(control >> 2 & 7)
        // Typical measuring time (data sheet 3.8.1), ms.
        let milliseconds = 1 + 2 * temperature + (pressure > 0 ? 2 * pressure + 0.5 : 0)
        nextEvent = time &+ UInt64(milliseconds * 1e6)
        phase = .measuring(until: nextEvent)
    }

    /// Lets the chip do what is due at `time`: `pressure` in Pa, `temperature` in degrees Celsius.
    package mutating func advance(to time: UInt64, pressure: Double, temperature: Double) {
        // A start and an end in one step of the world is the most that can be due.
        for _ in 0..<2 {
            switch phase {
            case .measuring(let until) where until <= time:
                finish(pressure: pressure, temperature: temperature)
                if control & 3 == 3 {
                    nextEvent = until &+ UInt64(Self.standby[Int(config >> 5)] * 1e6)
                    phase = .standby(until: nextEvent)
                } else {
                    control &= ~3  // forced mode falls asleep again
                    phase = .idle
                    nextEvent = .max
                }
            case .standby(let until) where until <= time:
                begin(at: max(until, time &- min(time, 1_000_000)))
            default: return
            }
        }
    }

    private mutating func finish(pressure: Double, temperature: Double) {
        let measuresTemperature = control >> 5 != 0
        let samples = Self.oversampling(control >> 2 & 7)
        let calibration = parameters.calibration
        guard measuresTemperature else {
            rawPressure = Self.skipped
            rawTemperature = Self.skipped
            return
        }
        // What the driver will compensate with is the raw temperature it reads, not the true one.
        let newTemperature = calibration.rawTemperature(temperature)
        let noise = samples > 0 ? parameters.noise / samples.squareRoot() * random.gaussian() : 0
        let felt = pressure + parameters.bias + noise
        let coefficient = Double(1 << min(4, config >> 2 & 7))
        let oldTemperature = filtered?.temperature ?? newTemperature
        let temperatureNow = (oldTemperature * (coefficient - 1) + newTemperature) / coefficient
        rawTemperature = Self.word(temperatureNow)
        let fine = calibration.fineTemperature(raw: Double(rawTemperature))
        let newPressure = calibration.rawPressure(felt, fine: fine)
        let pressureNow = ((filtered?.pressure ?? newPressure) * (coefficient - 1) + newPressure) / coefficient
        rawPressure = samples > 0 ? Self.word(pressureNow) : Self.skipped
        filtered = (pressureNow, temperatureNow)
    }

    /// 20 bits.
    private static func word(_ value: Double) -> Int {
        Int(max(0, min(1_048_575, value.rounded())))
    }
}
