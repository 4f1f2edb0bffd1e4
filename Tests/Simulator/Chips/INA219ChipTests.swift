import Airframe
import Simulator
import Testing

@Suite struct INA219ChipTests {
    private let monitor: UInt8 = 0x40

    @Test func powerUpStateAndReset() throws {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        #expect(try master.read(monitor, INA219Chip.Register.configuration, 2).get() == [0x39, 0x9F])
        master.write(monitor, INA219Chip.Register.calibration, [0x10, 0x01])
        #expect(try master.read(monitor, INA219Chip.Register.calibration, 2).get() == [0x10, 0x00], "bit 0 is void")
        master.write(monitor, INA219Chip.Register.configuration, [0x80, 0x00])
        #expect(try master.read(monitor, INA219Chip.Register.configuration, 2).get() == [0x39, 0x9F])
        #expect(try master.read(monitor, INA219Chip.Register.calibration, 2).get() == [0, 0])
    }

    @Test func halfAWordIsNoWrite() throws {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        master.write(monitor, INA219Chip.Register.calibration, [0x12])
        #expect(try master.read(monitor, INA219Chip.Register.calibration, 2).get() == [0, 0])
    }

    @Test func measuresTheBatteryAtRest() throws {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        // Current LSB 2 mA on 1 mΩ: calibration 0.04096 / (2 mA · 1 mΩ) = 20480 (data sheet equation 1).
        master.write(monitor, INA219Chip.Register.calibration, [0x50, 0x00])
        master.wait(milliseconds: 3)
        let bus = try master.read(monitor, INA219Chip.Register.busVoltage, 2).get()
        #expect(bus[1] & 2 == 2, "conversion ready")
        let volts = Double(UInt16(bitPattern: word(bus, 0)) >> 3) * 4e-3
        #expect(abs(volts - 12.59) < 0.01)
        // 5 W at 12.6 V are 0.4 A.
        let shunt = word(try master.read(monitor, INA219Chip.Register.shuntVoltage, 2).get(), 0)
        #expect(shunt == 40)
        let current = word(try master.read(monitor, INA219Chip.Register.current, 2).get(), 0)
        #expect(current == 40 * 20480 / 4096)
        let power = word(try master.read(monitor, INA219Chip.Register.power, 2).get(), 0)
        #expect(Int(power) == 200 * Int(volts / 4e-3 + 0.5) / 5000)
    }

    @Test func readyIsClearedByReadingThePower() throws {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        // 12 bits, 128 samples averaged: 68.1 ms each, shunt and bus.
        master.write(monitor, INA219Chip.Register.configuration, [0x3F, 0xFF])
        #expect(try master.read(monitor, INA219Chip.Register.busVoltage, 2).get()[1] & 2 == 0)
        master.wait(milliseconds: 130)
        #expect(try master.read(monitor, INA219Chip.Register.busVoltage, 2).get()[1] & 2 == 0)
        master.wait(milliseconds: 10)
        #expect(try master.read(monitor, INA219Chip.Register.busVoltage, 2).get()[1] & 2 == 2)
        _ = try master.read(monitor, INA219Chip.Register.power, 2).get()
        #expect(try master.read(monitor, INA219Chip.Register.busVoltage, 2).get()[1] & 2 == 0)
    }

    @Test(arguments: 0..<4) func gainLimitsTheShunt(gain: UInt16) {
        var chip = INA219Chip(quietParameters().monitor, start: 0, random: RandomSource(seed: 1))
        let configuration = 0x219F | gain << 11
        chip.write(
            INA219Chip.Register.configuration, [UInt8(configuration >> 8), UInt8(configuration & 0xFF)], at: 0)
        chip.advance(to: 2_000_000, voltage: 12, current: 500)
        let shunt = chip.read(INA219Chip.Register.shuntVoltage, count: 2, at: 2_000_000)
        #expect(Int(shunt.bigEndian(at: 0)) == 4000 << gain)
    }
}
