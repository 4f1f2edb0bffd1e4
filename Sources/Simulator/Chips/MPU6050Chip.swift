package import Airframe
internal import Glibc

/// InvenSense MPU-6050, the inertial sensor, at register level (register map RM-MPU-6000A-00 rev. 4.2,
/// product specification PS-MPU-6000A-00 rev. 3.4).
///
/// It samples on a clock of its own, which is neither in phase nor in rate with the bus master's; a burst
/// read gives one consistent sample.
package struct MPU6050Chip {
    /// Register addresses, named as in the register map.
    package enum Register {
        package static let sampleRateDivider: UInt8 = 0x19  // SMPLRT_DIV
        package static let config: UInt8 = 0x1A  // CONFIG
        package static let gyroConfig: UInt8 = 0x1B  // GYRO_CONFIG
        package static let accelConfig: UInt8 = 0x1C  // ACCEL_CONFIG
        package static let intStatus: UInt8 = 0x3A  // INT_STATUS
        package static let data: UInt8 = 0x3B  // ACCEL_XOUT_H, 14 bytes: accel, temperature, gyro
        package static let powerManagement1: UInt8 = 0x6B  // PWR_MGMT_1
        package static let whoAmI: UInt8 = 0x75  // WHO_AM_I
        fileprivate static let last = 0x7F
    }

    package enum Bit {
        package static let deviceReset: UInt8 = 0x80  // PWR_MGMT_1
        package static let sleep: UInt8 = 0x40  // PWR_MGMT_1
        package static let dataReady: UInt8 = 0x01  // INT_STATUS
    }

    /// How good this one is. Noise per square root of hertz, biases in the chip's axes.
    package struct Parameters: Sendable {
        /// rad/s/√Hz (PS 6.1: 0.005 °/s/√Hz).
        package var gyroNoise = 8.7e-5
        /// m/s²/√Hz (PS 6.2: 400 µg/√Hz).
        package var accelNoise = 3.9e-3
        /// rad/s; the data sheet allows ±20 °/s, a typical one has 1 °/s.
        package var gyroBias = Vector(0.012, -0.017, 0.008)
        /// m/s², after the board's calibration.
        package var accelBias = Vector(0.03, -0.04, 0.05)
        /// Rate of its clock over the nominal one, minus 1 (gyro oscillator: ±1 %).
        package var clockError = 0.002
        /// Share of a sample period by which its clock is behind the world's start.
        package var clockPhase = 0.3

        package init() {}
    }

    /// ns for which the chip ignores writes after DEVICE_RESET and then sleeps; the maker's own driver
    /// waits 100 ms, data sheets give no figure.
    private static let resetTime: UInt64 = 50_000_000
    /// ns from waking up to the first sample (PS 6.1: gyro start-up 30 ms).
    private static let wakeTime = 30e6
    /// Bandwidth (Hz) and delay (ms) by DLPF_CFG (register map, register 26).
    private static let gyroFilter: [(Double, Double)] = [
        (256, 0.98), (188, 1.9), (98, 2.8), (42, 4.8), (20, 8.3), (10, 13.4), (5, 18.6), (256, 0.98),
    ]
    private static let accelFilter: [(Double, Double)] = [
        (260, 0), (184, 2.0), (94, 3.0), (44, 4.9), (21, 8.5), (10, 13.8), (5, 19.0), (260, 0),
    ]

    /// LSB per °/s at ±250, 500, 1000 and 2000 °/s (register map, register 27).
    private static let gyroScale = [131, 65.5, 32.8, 16.4]

    private let parameters: Parameters
    private let step: Double
    private var random: RandomSource
    private var registers = [UInt8](repeating: 0, count: Register.last + 1)
    private var gyro: LowPass
    private var accel: LowPass
    private var gyroGain = 0.0
    private var accelGain = 0.0
    private let gyroNoise: Double
    private let accelNoise: Double
    private var asleep = true
    private var resetUntil: UInt64 = 0
    private var period = 0.0
    private var nextSample: Double
    /// Samples taken since power-up.
    package private(set) var samples: UInt64 = 0

    /// Powers up at `start` (ns); `step` is the time in s between two calls of `feed`.
    package init(_ parameters: Parameters, step: Double, start: UInt64, random: RandomSource) {
        self.parameters = parameters
        self.step = step
        self.random = random
        // White noise of density n has the deviation n √(f/2) in steps of 1/f.
        gyroNoise = parameters.gyroNoise * (0.5 / step).squareRoot()
        accelNoise = parameters.accelNoise * (0.5 / step).squareRoot()
        gyro = LowPass(bandwidth: 256, delay: 0.98e-3, step: step)
        accel = LowPass(bandwidth: 260, delay: 0, step: step)
        nextSample = Double(start)
        reset(at: start)
        resetUntil = 0
    }

    /// Back to the state of power-up: asleep, widest filters, least ranges.
    package mutating func reset(at time: UInt64) {
        for index in registers.indices { registers[index] = 0 }
        registers[Int(Register.powerManagement1)] = Bit.sleep
        registers[Int(Register.whoAmI)] = 0x68
        resetUntil = time &+ Self.resetTime
        configure(at: time)
    }

    // MARK: bus

    /// Reads `count` bytes from `register` on.
    package mutating func read(_ register: UInt8, count: Int, at time: UInt64) -> Block {
        var block = Block(count: count)
        for index in 0..<block.count {
            let at = (Int(register) + index) & Register.last
            if at == Int(Register.powerManagement1) && time < resetUntil {
                block[index] = Bit.deviceReset | Bit.sleep
                continue
            }
            block[index] = registers[at]
            // INT_RD_CLEAR = 0: a read of INT_STATUS clears it.
            if at == Int(Register.intStatus) { registers[at] = 0 }
        }
        return block
    }

    /// Writes the bytes from `register` on. Read-only registers stay as they are.
    package mutating func write(_ register: UInt8, _ block: Block, at time: UInt64) {
        guard time >= resetUntil else { return }
        for index in 0..<block.count {
            let at = (Int(register) + index) & Register.last
            guard at < Int(Register.intStatus) || at > 0x60, at != Int(Register.whoAmI) else { continue }
            if at == Int(Register.powerManagement1) && block[index] & Bit.deviceReset != 0 {
                reset(at: time)
                return
            }
            registers[at] = block[index]
        }
        configure(at: time)
    }

    private mutating func configure(at time: UInt64) {
        let filter = Int(registers[Int(Register.config)] & 7)
        let (gyroBand, gyroDelay) = Self.gyroFilter[filter]
        let (accelBand, accelDelay) = Self.accelFilter[filter]
        gyro = LowPass(bandwidth: gyroBand, delay: gyroDelay / 1000, step: step)
        accel = LowPass(bandwidth: accelBand, delay: accelDelay / 1000, step: step)
        gyroGain = Self.gyroScale[Int(registers[Int(Register.gyroConfig)] >> 3 & 3)] * 180 / Double.pi
        // 16384 LSB per g at ±2 g (register map, register 28).
        accelGain = 16384 / Double(1 << (registers[Int(Register.accelConfig)] >> 3 & 3)) / gravity
        // 8 kHz without the filter, 1 kHz with it, divided.
        let base = filter == 0 || filter == 7 ? 125_000.0 : 1_000_000.0
        let before = period
        period = base * (1 + Double(registers[Int(Register.sampleRateDivider)])) / (1 + parameters.clockError)
        let sleeps = registers[Int(Register.powerManagement1)] & Bit.sleep != 0
        if asleep && !sleeps {
            nextSample = Double(time) + Self.wakeTime + parameters.clockPhase * period
        } else if period != before {
            nextSample = Double(time) + period
        }
        asleep = sleeps
    }

    // MARK: the world's side

    /// What the sensor feels in this step, in its own axes: rad/s, m/s² (specific force), degrees Celsius.
    @inline(__always)
    package mutating func feed(rate: Vector, force: Vector, temperature: Double, at time: UInt64) {
        guard !asleep else { return }
        gyro.feed(rate + parameters.gyroBias + random.gaussianVector() * gyroNoise)
        accel.feed(force + parameters.accelBias + random.gaussianVector() * accelNoise)
        guard nextSample <= Double(time) else { return }
        // Between two steps the line is straight.
        let back = min(1, (Double(time) - nextSample) / (step * 1e9))
        sample(
            rate: gyro.output + (gyro.previous - gyro.output) * back,
            force: accel.output + (accel.previous - accel.output) * back, temperature: temperature)
        nextSample += period
        // The 8 kHz of an unfiltered gyro is faster than the world's step: later samples replace earlier.
        if nextSample <= Double(time) {
            nextSample += ((Double(time) - nextSample) / period).rounded(.down) * period + period
        }
    }

    private mutating func sample(rate: Vector, force: Vector, temperature: Double) {
        let data = Int(Register.data)
        // Temperature: (T - 36.53) * 340 (register map, registers 65 and 66).
        store(Double((temperature - 36.53) * 340), at: data + 6)
        for axis in 0..<3 {
            store(force[axis] * accelGain, at: data + 2 * axis)
            store(rate[axis] * gyroGain, at: data + 8 + 2 * axis)
        }
        registers[Int(Register.intStatus)] |= Bit.dataReady
        samples &+= 1
    }

    private mutating func store(_ value: Double, at index: Int) {
        let word = UInt16(bitPattern: Int16(max(-32768, min(32767, value.rounded()))))
        registers[index] = UInt8(word >> 8)
        registers[index + 1] = UInt8(word & 0xFF)
    }
}
