/// One write to the motor chip's channel registers, as the chip saw it: the truth about what the motors
/// were told.
package struct MotorRecord: FixedRecord, Equatable {
    package static let magic: UInt32 = 0x4C4D_4144  // "DAML"
    package static let version: UInt16 = 2
    package static let size = 72

    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// All bytes of the write took effect.
        package static let complete = Flags(rawValue: 1)
        /// The output-enable line was active at the STOP.
        package static let outputsEnabled = Flags(rawValue: 2)
        /// The chip was asleep.
        package static let asleep = Flags(rawValue: 4)
    }

    /// ns of the STOP.
    package var stop: UInt64
    /// Counts these writes from 0.
    package var sequence: UInt64
    package var firstRegister: UInt8
    /// Bytes that the master wanted to write, and that took effect.
    package var count: UInt8
    package var taken: UInt8
    package var flags: Flags
    /// What the master heard: 0 or a negative errno.
    package var result: Int32
    /// The motors' counts behind the write (motor order, not channel order), with full-on and full-off bits.
    package var on: SIMD4<UInt16>
    package var off: SIMD4<UInt16>
    /// ns, width of the pulse that each motor's counts make.
    package var pulse: SIMD4<UInt32>
    /// ns at which the chip's counter turned next: from there on the new pulses go out.
    package var effective: UInt64
    /// ns at which the inertial chip's data that the master read last before this write were taken; 0: none yet.
    package var sampled: UInt64 = 0

    package var isComplete: Bool { flags.contains(.complete) }

    package init(
        stop: UInt64, sequence: UInt64, firstRegister: UInt8, count: UInt8, taken: UInt8, flags: Flags, result: Int32
    ) {
        self.stop = stop
        self.sequence = sequence
        self.firstRegister = firstRegister
        self.count = count
        self.taken = taken
        self.flags = flags
        self.result = result
        on = .zero
        off = .zero
        pulse = .zero
        effective = stop
    }

    /// The motor commands (0 to 1) that these pulses mean.
    package func commands(pulseMin: Double, pulseMax: Double) -> SIMD4<Double> {
        var commands = SIMD4<Double>.zero
        for motor in 0..<4 where pulse[motor] > 0 {
            commands[motor] = max(0, min(1, (Double(pulse[motor]) * 1e-9 - pulseMin) / (pulseMax - pulseMin)))
        }
        return commands
    }

    package func encode(_ bytes: inout ByteWriter) {
        bytes.put(stop)
        bytes.put(sequence)
        bytes.put(firstRegister)
        bytes.put(count)
        bytes.put(taken)
        bytes.put(flags.rawValue)
        bytes.put(result)
        for motor in 0..<4 { bytes.put(on[motor]) }
        for motor in 0..<4 { bytes.put(off[motor]) }
        for motor in 0..<4 { bytes.put(pulse[motor]) }
        bytes.put(effective)
        bytes.put(sampled)
    }

    package init(_ bytes: inout ByteReader) {
        stop = bytes.take()
        sequence = bytes.take()
        firstRegister = bytes.take()
        count = bytes.take()
        taken = bytes.take()
        flags = Flags(rawValue: bytes.take())
        result = bytes.take()
        on = .zero
        off = .zero
        pulse = .zero
        for motor in 0..<4 { on[motor] = bytes.take() }
        for motor in 0..<4 { off[motor] = bytes.take() }
        for motor in 0..<4 { pulse[motor] = bytes.take() }
        effective = bytes.take()
        sampled = bytes.take()
    }
}
