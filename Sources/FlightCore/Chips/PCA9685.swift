package import CBoard
package import CContract
package import Contract

/// NXP PCA9685, 16 channels of PWM for the motors' ESCs (datasheet rev 4).
package struct PCA9685: BitwiseCopyable, Sendable {
    private static let retryTime: UInt64 = 100_000_000
    /// The oscillator needs 500 µs after waking (section 7.3.1.1), ns.
    private static let wakeTime: UInt64 = 500_000
    /// Counts of one PWM period (12 bit).
    package static let countsPerPeriod: Float = 4096

    private enum Register {
        static let mode1: UInt8 = 0x00
        static let mode2: UInt8 = 0x01
        static let led0OnLow: UInt8 = 0x06
        static let prescale: UInt8 = 0xFE
    }
    private enum Mode1 {
        static let autoIncrement: UInt8 = 0x20
        static let sleep: UInt8 = 0x10
    }

    /// How a command becomes counts: linear between two pulse widths.
    package struct Encoding: BitwiseCopyable, Equatable, Sendable {
        /// Counts at command 0 and 1.
        let low: Float
        let high: Float
        package let prescale: UInt8
        /// Channel of each motor, relative to the first.
        let order: InlineArray<4, UInt8>
        package let firstChannel: UInt8

        /// - Parameters:
        ///   - oscillator: measured, Hz.
        ///   - rate: wanted PWM rate, Hz; the prescaler gives the nearest (section 7.3.5).
        ///   - pulse: s, at command 0 and 1.
        ///   - channels: of the motors; four neighbours in any order.
        package init(
            oscillator: Float, rate: Float, pulse: (min: Float, max: Float), channels: (UInt8, UInt8, UInt8, UInt8)
        ) {
            let wanted = oscillator / (Self.counts * max(rate, 24)) - 1
            let divider = clamp(wanted + 0.5, 3, 255)
            prescale = UInt8(divider)
            let countsPerSecond = oscillator / (Float(UInt8(divider)) + 1)
            low = clamp(pulse.min * countsPerSecond, 0, 4095)
            high = clamp(pulse.max * countsPerSecond, 0, 4095)
            let first = min(channels.0, channels.1, channels.2, channels.3)
            firstChannel = min(first, 12)
            order = [
                (channels.0 &- first) & 3, (channels.1 &- first) & 3, (channels.2 &- first) & 3,
                (channels.3 &- first) & 3,
            ]
        }

        /// What the board file says.
        package init(_ board: da_board) {
            self.init(
                oscillator: board.pwm_oscillator, rate: board.pwm_rate, pulse: (board.pulse_min, board.pulse_max),
                channels: board.motor_channel)
        }

        private static let counts: Float = 4096

        package static func == (a: Encoding, b: Encoding) -> Bool {
            for index in 0..<4 where a.order[index] != b.order[index] { return false }
            return a.low == b.low && a.high == b.high && a.prescale == b.prescale && a.firstChannel == b.firstChannel
        }

        /// Off-count of one command, 0 to 4095.
        @_noAllocation
        package func count(_ command: Float) -> UInt16 {
            let value = low + (high - low) * clamp(command, 0, 1)
            return UInt16(clamp(value + 0.5, 0, 4095))
        }

        /// LEDn_ON_L … LEDn_OFF_H of four neighbouring channels; each pulse begins at count 0.
        @_noAllocation
        package func encode(_ motors: Motors) -> InlineArray<16, UInt8> {
            var bytes = InlineArray<16, UInt8>(repeating: 0)
            for motor in 0..<4 {
                let off = count(motors[motor])
                let at = Int(order[motor]) &* 4
                bytes[at &+ 2] = UInt8(truncatingIfNeeded: off)
                bytes[at &+ 3] = UInt8(truncatingIfNeeded: off >> 8)
            }
            return bytes
        }
    }

    let address: UInt8
    package let encoding: Encoding
    private var step: UInt8 = 0
    private var notBefore: UInt64 = 0
    package private(set) var isReady = false

    package init(address: UInt8, encoding: Encoding) {
        self.address = address
        self.encoding = encoding
    }

    /// Takes the next step of the set-up, at most one transfer.
    ///
    /// A chip that is awake with the right prescaler is taken as it is: after a restart of the core in the air
    /// its outputs must not pause.
    @_noAllocation
    package mutating func bringUp(_ bus: da_bus, now: UInt64) {
        guard !isReady, now >= notBefore else { return }
        var taken = true
        switch step {
        case 0:
            guard let mode = bus.register(address, Register.mode1) else {
                taken = false
                break
            }
            if mode & (Mode1.sleep | Mode1.autoIncrement) == Mode1.autoIncrement,
                bus.register(address, Register.prescale) == encoding.prescale
            {
                isReady = true
            }
        case 1: taken = bus.set(address, Register.mode1, Mode1.sleep | Mode1.autoIncrement)
        case 2: taken = bus.set(address, Register.prescale, encoding.prescale)
        case 3: taken = bus.set(address, Register.mode2, 0x04)  // totem pole; outputs change on STOP
        case 4: taken = write(bus, Motors(repeating: 0)) == 0
        case 5:
            taken = bus.set(address, Register.mode1, Mode1.autoIncrement)
            notBefore = now &+ Self.wakeTime
        default: isReady = true
        }
        step = taken && !isReady ? step &+ 1 : 0
        if !taken { notBefore = now &+ Self.retryTime }
    }

    /// Whether the chip has lost its set-up: after a brown-out it sleeps, and acknowledges writes all the same.
    /// Nil when it does not answer.
    @_noAllocation
    package func hasLostSetUp(_ bus: da_bus) -> Bool? {
        guard let mode = bus.register(address, Register.mode1) else { return nil }
        return mode & (Mode1.sleep | Mode1.autoIncrement) != Mode1.autoIncrement
    }

    /// All four motors in one transfer, so that they change at one STOP. Returns 0 or a negative errno.
    @_noAllocation
    package func write(_ bus: da_bus, _ motors: Motors) -> Int32 {
        bus.write(address, Register.led0OnLow &+ 4 &* encoding.firstChannel, encoding.encode(motors))
    }

    @_noAllocation
    package mutating func restart() {
        isReady = false
        step = 0
        notBefore = 0
    }
}
