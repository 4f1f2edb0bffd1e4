package import CBoard

/// Bosch BMP280, barometer (datasheet BST-BMP280-DS001 rev 1.26).
package struct BMP280: BitwiseCopyable, Sendable {
    private static let identity: UInt8 = 0x58
    /// Least time between two tries to set it up, ns.
    private static let retryTime: UInt64 = 100_000_000

    /// Temperature × 1, pressure × 4, normal mode: a measurement takes at most 13.3 ms (section 3.8.1).
    private static let control: UInt8 = 0x2F
    /// Standby 0.5 ms, no filter.
    private static let config: UInt8 = 0x00

    private enum Register {
        static let calibration: UInt8 = 0x88
        static let identity: UInt8 = 0xD0
        static let control: UInt8 = 0xF4
        static let config: UInt8 = 0xF5
        static let pressure: UInt8 = 0xF7
        static let temperature: UInt8 = 0xFA
    }

    /// Register and value by which the chip tells what it is.
    static let identification = (register: Register.identity, value: identity)

    /// Reset value of pressure and temperature: nothing measured yet, or the chip lost its set-up (table 18).
    private static let nothing: Int32 = 0x80000
    /// Bytes of a longest transfer. Short ones, so that each has room behind a 1000 Hz tick's motor write.
    private static let piece = 3
    private static let pieces = 24 / piece

    /// Trimming values dig_T1 … dig_P9 (table 17).
    package struct Calibration: BitwiseCopyable, Equatable, Sendable {
        package var t: (UInt16, Int16, Int16) = (0, 0, 0)
        package var p1: UInt16 = 0
        /// dig_P2 … dig_P9.
        package var p: InlineArray<8, Int16> = .init(repeating: 0)

        package static func == (a: Calibration, b: Calibration) -> Bool {
            for index in 0..<8 where a.p[index] != b.p[index] { return false }
            return a.t == b.t && a.p1 == b.p1
        }
    }

    package struct Reading: Equatable, Sendable {
        /// Pa.
        package var pressure: Float
        /// °C.
        package var temperature: Float
    }

    let address: UInt8
    private var step: UInt8 = 0
    private var notBefore: UInt64 = 0
    package private(set) var calibration = Calibration()
    private var trimming = InlineArray<24, UInt8>(repeating: 0)
    /// As last read; pressure is compensated by it.
    private var rawTemperature = Self.nothing
    package private(set) var isReady = false

    package init(address: UInt8) { self.address = address }

    /// Takes the next step of the set-up, at most one transfer. A chip that measures as it should is left at it.
    @_noAllocation
    package mutating func bringUp(_ bus: da_bus, now: UInt64) {
        guard !isReady, now >= notBefore else { return }
        var taken = false
        switch step {
        case 0: taken = bus.register(address, Register.identity) == Self.identity
        case 1...UInt8(Self.pieces):
            let first = Int(step &- 1) &* Self.piece
            var bytes = InlineArray<3, UInt8>(repeating: 0)
            taken = bus.read(address, Register.calibration &+ UInt8(first), &bytes) == 0
            for index in 0..<Self.piece { trimming[first &+ index] = bytes[index] }
            if taken, Int(step) == Self.pieces { calibration = Self.decodeCalibration(trimming) }
        case UInt8(Self.pieces) + 1:
            var found: InlineArray<2, UInt8> = [0, 0]
            taken = bus.read(address, Register.control, &found) == 0
            isReady = taken && found[0] == Self.control && found[1] == Self.config
        case UInt8(Self.pieces) + 2: taken = bus.set(address, Register.config, Self.config)
        default:
            taken = bus.set(address, Register.control, Self.control)
            isReady = taken
        }
        step = taken && !isReady ? step &+ 1 : 0
        if !taken { notBefore = now &+ Self.retryTime }
    }

    /// Reads the temperature, by which the next pressures are compensated; it changes slowly. Returns whether it is one.
    @_noAllocation
    package mutating func readTemperature(_ bus: da_bus) -> Bool {
        rawTemperature = raw(bus, Register.temperature)
        return rawTemperature != Self.nothing
    }

    package var knowsTemperature: Bool { rawTemperature != Self.nothing }

    /// The pressure; nil: none, or no temperature has been read.
    @_noAllocation
    package func read(_ bus: da_bus) -> Reading? {
        guard rawTemperature != Self.nothing else { return nil }
        let pressure = raw(bus, Register.pressure)
        guard pressure != Self.nothing else { return nil }
        return Self.compensate(pressure: pressure, temperature: rawTemperature, calibration)
    }

    /// 20 bits in three bytes, of one measurement (shadowed while they are read, section 3.9).
    @_noAllocation
    private func raw(_ bus: da_bus, _ register: UInt8) -> Int32 {
        var bytes = InlineArray<3, UInt8>(repeating: 0)
        guard bus.read(address, register, &bytes) == 0 else { return Self.nothing }
        return Int32(bytes[0]) << 12 | Int32(bytes[1]) << 4 | Int32(bytes[2]) >> 4
    }

    @_noAllocation
    package mutating func restart() {
        isReady = false
        step = 0
        notBefore = 0
        rawTemperature = Self.nothing
    }

    @_noAllocation
    package static func decodeCalibration(_ bytes: InlineArray<24, UInt8>) -> Calibration {
        var words = InlineArray<12, UInt16>(repeating: 0)
        for index in 0..<12 { words[index] = UInt16(bytes[2 &* index]) | UInt16(bytes[2 &* index &+ 1]) << 8 }
        var calibration = Calibration()
        calibration.t = (words[0], Int16(bitPattern: words[1]), Int16(bitPattern: words[2]))
        calibration.p1 = words[3]
        for index in 0..<8 { calibration.p[index] = Int16(bitPattern: words[4 &+ index]) }
        return calibration
    }

    /// Compensation in floating point (section 8.1), in Double because the formula cancels large terms.
    @_noAllocation
    package static func compensate(pressure: Int32, temperature: Int32, _ calibration: Calibration) -> Reading? {
        let rawT = Double(temperature)
        let (t1, t2, t3) = (Double(calibration.t.0), Double(calibration.t.1), Double(calibration.t.2))
        let first = (rawT / 16384 - t1 / 1024) * t2
        let second = (rawT / 131_072 - t1 / 8192) * (rawT / 131_072 - t1 / 8192) * t3
        let fine = first + second
        var v1 = fine / 2 - 64000
        var v2 = v1 * v1 * Double(calibration.p[4]) / 32768
        v2 = v2 + v1 * Double(calibration.p[3]) * 2
        v2 = v2 / 4 + Double(calibration.p[2]) * 65536
        v1 = (Double(calibration.p[1]) * v1 * v1 / 524_288 + Double(calibration.p[0]) * v1) / 524_288
        v1 = (1 + v1 / 32768) * Double(calibration.p1)
        guard v1 != 0 else { return nil }
        var p = 1_048_576 - Double(pressure)
        p = (p - v2 / 4096) * 6250 / v1
        v1 = Double(calibration.p[7]) * p * p / 2_147_483_648
        v2 = p * Double(calibration.p[6]) / 32768
        p = p + (v1 + v2 + Double(calibration.p[5])) / 16
        let reading = Reading(pressure: Float(p), temperature: Float(fine / 5120))
        // The chip's own range (table 2): what lies outside is a broken calibration or transfer.
        guard reading.pressure > 30_000, reading.pressure < 110_000 else { return nil }
        return reading
    }
}
