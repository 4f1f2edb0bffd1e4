package import CBoard

/// Texas Instruments INA219, battery monitor (datasheet SBOS448G).
package struct INA219: BitwiseCopyable, Sendable {
    /// Shunt voltage LSB 10 µV (section 8.6.3.1), V.
    static let shuntVoltsPerBit: Float = 10e-6
    /// Bus voltage LSB 4 mV (section 8.6.3.2), V.
    static let busVoltsPerBit: Float = 4e-3
    private static let retryTime: UInt64 = 100_000_000
    /// 32 V range, ±320 mV, 12 bit, shunt and bus continuous: the reset value, written so that it is sure.
    private static let configuration: InlineArray<2, UInt8> = [0x39, 0x9F]

    private enum Register {
        static let configuration: UInt8 = 0x00
        static let shunt: UInt8 = 0x01
        static let bus: UInt8 = 0x02
    }

    let address: UInt8
    /// Ω.
    let shunt: Float
    private var step: UInt8 = 0
    private var notBefore: UInt64 = 0
    package private(set) var isReady = false

    package init(address: UInt8, shunt: Float) {
        self.address = address
        self.shunt = shunt
    }

    /// Takes the next step of the set-up, at most one transfer. A chip that is set up already is left alone.
    @_noAllocation
    package mutating func bringUp(_ bus: da_bus, now: UInt64) {
        guard !isReady, now >= notBefore else { return }
        var taken = false
        if step == 0 {
            var found: InlineArray<2, UInt8> = [0, 0]
            taken = bus.read(address, Register.configuration, &found) == 0
            isReady = taken && found[0] == Self.configuration[0] && found[1] == Self.configuration[1]
        } else {
            taken = bus.write(address, Register.configuration, Self.configuration) == 0
            isReady = taken
        }
        step = taken && !isReady ? 1 : 0
        if !taken { notBefore = now &+ Self.retryTime }
    }

    /// V.
    @_noAllocation
    package func readVoltage(_ bus: da_bus) -> Float? {
        var bytes: InlineArray<2, UInt8> = [0, 0]
        guard bus.read(address, Register.bus, &bytes) == 0 else { return nil }
        return Float((UInt16(bytes[0]) << 8 | UInt16(bytes[1])) >> 3) * Self.busVoltsPerBit
    }

    /// A.
    @_noAllocation
    package func readCurrent(_ bus: da_bus) -> Float? {
        var bytes: InlineArray<2, UInt8> = [0, 0]
        guard shunt > 0, bus.read(address, Register.shunt, &bytes) == 0 else { return nil }
        let raw = Int16(bitPattern: UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
        return Float(raw) * Self.shuntVoltsPerBit / shunt
    }

    @_noAllocation
    package mutating func restart() {
        isReady = false
        step = 0
        notBefore = 0
    }
}
