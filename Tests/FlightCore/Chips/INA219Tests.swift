import CBoard
import FlightCore
import Simulator
import Testing

@Suite struct INA219Tests {
    @Test func itReadsVoltageAndCurrent() throws {
        let rig = ChipRig()
        var chip = INA219(address: 0x40, shunt: 1e-3)
        chip.bringUp(rig.bus, now: rig.world.now)
        #expect(chip.isReady)
        rig.wait(10)
        let volts = try #require(chip.readVoltage(rig.bus))
        let amperes = try #require(chip.readCurrent(rig.bus))
        #expect(abs(volts - Float(rig.world.truth.batteryVoltage)) < 0.05)
        // 5 W of the computer.
        #expect(abs(amperes - 0.4) < 0.1)
    }

    @Test func extremesDecode() throws {
        let trace = TraceBus()
        var chip = INA219(address: 0x40, shunt: 1e-3)
        chip.bringUp(trace.bus, now: 1)
        chip.bringUp(trace.bus, now: 2)
        #expect(chip.isReady && trace.trace == ["40[00] -> 2", "40[00] <- 39 9F"])
        trace.registers = [1: 0x80, 2: 0x00]
        let least = try #require(chip.readCurrent(trace.bus))
        #expect(abs(least + 327.68) < 1e-3)
        trace.registers = [2: 0xFF, 3: 0xFF]
        #expect(chip.readVoltage(trace.bus) == Float(8191) * 4e-3)
        #expect(INA219(address: 0x40, shunt: 0).readCurrent(trace.bus) == nil)
        #expect(INA219(address: 0x40, shunt: .nan).readCurrent(trace.bus) == nil)
        trace.result = -6
        #expect(chip.readVoltage(trace.bus) == nil && chip.readCurrent(trace.bus) == nil)
    }

    @Test func aChipThatIsSetUpIsLeftAlone() {
        let trace = TraceBus()
        trace.registers = [0: 0x39, 1: 0x9F]
        var chip = INA219(address: 0x40, shunt: 1e-3)
        for call in 0..<5 { chip.bringUp(trace.bus, now: UInt64(call)) }
        #expect(chip.isReady && trace.trace == ["40[00] -> 2"])
    }

    @Test func whoDoesNotAnswerIsAskedTenTimesASecond() {
        let trace = TraceBus()
        trace.result = -6
        var chip = INA219(address: 0x40, shunt: 1e-3)
        for tick in UInt64(0)..<500 { chip.bringUp(trace.bus, now: 1 + tick * 2_000_000) }
        #expect(!chip.isReady && (9...11).contains(trace.trace.count))
    }
}
