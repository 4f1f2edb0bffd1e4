package import CBoard
package import Contract

/// InvenSense MPU-6050, gyroscope and accelerometer (register map RM-MPU-6000A rev 4.2).
package struct MPU6050: BitwiseCopyable, Sendable {
    /// Full scale ±1000 °/s: LSB 1/32.8 °/s (GYRO_CONFIG FS_SEL 2).
    static let radiansPerSecondPerBit: Float = 1 / 32.8 * (Float.pi / 180)
    /// Full scale ±8 g: LSB 1/4096 g (ACCEL_CONFIG AFS_SEL 2).
    static let metresPerSecondSquaredPerBit: Float = standardGravity / 4096
    private static let identity: UInt8 = 0x68
    /// After a device reset the chip needs 100 ms (section 4.28, and the datasheet's start-up time), ns.
    private static let resetTime: UInt64 = 100_000_000
    /// PWR_MGMT_1: awake, clock from the X gyroscope.
    private static let awake: UInt8 = 0x01
    /// CONFIG: low pass 184/188 Hz, delay 2 ms.
    private static let filter: UInt8 = 0x01
    /// SMPLRT_DIV: 1 kHz.
    private static let divider: UInt8 = 0
    /// FS_SEL and AFS_SEL 2, in GYRO_CONFIG and ACCEL_CONFIG.
    private static let range: UInt8 = 0x10

    /// PWR_MGMT_1 as it is at power-up.
    private static let asleep: UInt8 = 0x40
    /// Bit of PWR_MGMT_1: reset, and being reset.
    private static let reset: UInt8 = 0x80
    /// Between two looks at a chip that powers up, ns.
    private static let powerUpTime: UInt64 = 5_000_000

    private enum Register {
        static let sampleRateDivider: UInt8 = 0x19
        static let config: UInt8 = 0x1A
        static let gyroConfig: UInt8 = 0x1B
        static let accelConfig: UInt8 = 0x1C
        static let accelXHigh: UInt8 = 0x3B
        static let power1: UInt8 = 0x6B
        static let whoAmI: UInt8 = 0x75
    }

    /// Register and value by which the chip tells what it is; the first register of its burst.
    static let identification = (register: Register.whoAmI, value: identity)
    static let burst = Register.accelXHigh

    /// One burst, in the chip's own axes.
    package struct Reading: Equatable, Sendable {
        /// rad/s.
        package var gyro: Vector3
        /// m/s².
        package var accel: Vector3
        /// Whether an axis stands at the end of its range.
        package var isSaturated: Bool
    }

    let address: UInt8
    private var step: UInt8 = 0
    private var notBefore: UInt64 = 0
    /// It was set up and failed all the same: as it stands it is not to be trusted.
    private var mustReset = false
    package private(set) var isReady = false

    package init(address: UInt8) { self.address = address }

    /// Takes the next step of the set-up, at most one transfer. A wrong identity or a NACK begins anew.
    ///
    /// A chip that is set up already is taken as it is: a core that restarts must not reset one that measures.
    @_noAllocation
    package mutating func bringUp(_ bus: da_bus, now: UInt64) {
        guard !isReady, now >= notBefore else { return }
        let taken: Bool
        switch step {
        case 0: taken = bus.register(address, Register.whoAmI) == Self.identity
        case 1:
            guard let power = bus.register(address, Register.power1) else {
                taken = false
                break
            }
            if power & Self.reset != 0 {
                // It is powering up.
                notBefore = now &+ Self.powerUpTime
                return
            }
            taken = true
            // As at power-up: there is nothing to reset, and in flight each millisecond without it counts.
            if power == Self.asleep { step = 3 } else if mustReset || power != Self.awake { step = 2 }
        case 2:
            var found = InlineArray<4, UInt8>(repeating: 0)
            taken = bus.read(address, Register.sampleRateDivider, &found) == 0
            isReady =
                taken && found[0] == Self.divider && found[1] == Self.filter && found[2] == Self.range
                && found[3] == Self.range
        case 3:
            taken = bus.set(address, Register.power1, Self.reset)
            notBefore = now &+ Self.resetTime
        case 4: taken = bus.set(address, Register.power1, Self.awake)
        case 5: taken = bus.set(address, Register.config, Self.filter)
        case 6: taken = bus.set(address, Register.sampleRateDivider, Self.divider)
        case 7: taken = bus.set(address, Register.gyroConfig, Self.range)
        default:
            taken = bus.set(address, Register.accelConfig, Self.range)
            isReady = taken
        }
        step = taken && !isReady ? step &+ 1 : 0
        // A chip that does not answer is asked again at 10 Hz, so that it does not eat the bus.
        if !taken { notBefore = now &+ Self.resetTime }
    }

    /// Acceleration, temperature and rates in one burst, so that they are of one sample.
    @_noAllocation
    package func read(_ bus: da_bus) -> Reading? {
        var bytes = InlineArray<14, UInt8>(repeating: 0)
        guard bus.read(address, Register.accelXHigh, &bytes) == 0, !Self.isBlank(bytes) else { return nil }
        return Self.decode(bytes)
    }

    /// The chip lost its set-up (it sleeps after a brown-out): set it up again.
    @_noAllocation
    package mutating func restart() {
        isReady = false
        mustReset = true
        step = 0
        notBefore = 0
    }

    /// All zero, the reset value: the chip has lost its set-up and sleeps. No sample is all zero, for gravity is not.
    @_noAllocation
    private static func isBlank(_ bytes: InlineArray<14, UInt8>) -> Bool {
        for index in 0..<14 where bytes[index] != 0 { return false }
        return true
    }

    @_noAllocation
    package static func decode(_ bytes: InlineArray<14, UInt8>) -> Reading {
        var words = InlineArray<7, Int16>(repeating: 0)
        var saturated = false
        for index in 0..<7 {
            let word = Int16(bitPattern: UInt16(bytes[2 &* index]) << 8 | UInt16(bytes[2 &* index &+ 1]))
            words[index] = word
            if index != 3, word == Int16.max || word == Int16.min { saturated = true }
        }
        let accel = Vector3(Float(words[0]), Float(words[1]), Float(words[2])) * metresPerSecondSquaredPerBit
        let gyro = Vector3(Float(words[4]), Float(words[5]), Float(words[6])) * radiansPerSecondPerBit
        return Reading(gyro: gyro, accel: accel, isSaturated: saturated)
    }
}
