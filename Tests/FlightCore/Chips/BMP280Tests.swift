import Airframe
import CBoard
import FlightCore
import Simulator
import Testing

@Suite struct BMP280Tests {
    /// The set of the datasheet's example (section 3.12), by its own rules.
    private static let example: InlineArray<24, UInt8> = {
        var bytes = InlineArray<24, UInt8>(repeating: 0)
        for (index, byte) in BMP280Calibration().bytes.enumerated() { bytes[index] = byte }
        return bytes
    }()

    @Test func theDatasheetsExampleComesOut() throws {
        let calibration = BMP280.decodeCalibration(Self.example)
        #expect(calibration.t.0 == 27504 && calibration.p1 == 36477 && calibration.p[7] == 6000)
        let reading = try #require(BMP280.compensate(pressure: 415_148, temperature: 519_888, calibration))
        #expect(abs(reading.temperature - 25.08) < 0.01)
        #expect(abs(reading.pressure - 100_653.27) < 0.5)
    }

    @Test func setUpAndReading() throws {
        let rig = ChipRig()
        var chip = BMP280(address: 0x76)
        rig.wait(5)
        #expect(rig.bringUp({ chip.bringUp(rig.bus, now: rig.world.now) }, until: { chip.isReady }) == 12)
        #expect(rig.register(0x76, 0xF4) == 0x2F)
        #expect(!chip.readTemperature(rig.bus) && chip.read(rig.bus) == nil, "nothing is measured yet")
        rig.wait(30)
        #expect(chip.read(rig.bus) == nil && chip.readTemperature(rig.bus))
        let reading = try #require(chip.read(rig.bus))
        #expect(abs(reading.pressure - 100_680) < 60 && abs(reading.temperature - 25) < 0.5)
    }

    /// Identity, trimming values in short pieces, set-up.
    private static let look =
        ["76[D0] -> 1"] + ["88", "8B", "8E", "91", "94", "97", "9A", "9D"].map { "76[\($0)] -> 3" } + ["76[F4] -> 2"]

    /// A core that restarts finds it at work, reads its calibration and leaves it alone.
    @Test func aChipThatMeasuresIsLeftAtIt() {
        let rig = ChipRig()
        var first = BMP280(address: 0x76)
        _ = rig.bringUp({ first.bringUp(rig.bus, now: rig.world.now) }, until: { first.isReady })
        rig.wait(30)
        let trace = TraceBus()
        trace.registers = [0xD0: 0x58, 0xF4: 0x2F, 0xF5: 0x00]
        var next = BMP280(address: 0x76)
        for call in 0..<20 { next.bringUp(trace.bus, now: UInt64(call)) }
        #expect(next.isReady && trace.trace == Self.look)
        var other = BMP280(address: 0x76)
        #expect(rig.bringUp({ other.bringUp(rig.bus, now: rig.world.now) }, until: { other.isReady }) == 10)
        #expect(other.calibration == first.calibration)
        #expect(other.readTemperature(rig.bus) && other.read(rig.bus) != nil)
    }

    @Test func aBrownOutIsNoReading() {
        let rig = ChipRig()
        var chip = BMP280(address: 0x76)
        _ = rig.bringUp({ chip.bringUp(rig.bus, now: rig.world.now) }, until: { chip.isReady })
        rig.wait(30)
        #expect(chip.readTemperature(rig.bus) && chip.read(rig.bus) != nil)
        rig.world.brownOut(0x76)
        rig.wait(30)
        #expect(chip.read(rig.bus) == nil && !chip.readTemperature(rig.bus))
        chip.restart()
        _ = rig.bringUp({ chip.bringUp(rig.bus, now: rig.world.now) }, until: { chip.isReady })
        rig.wait(30)
        #expect(chip.readTemperature(rig.bus) && chip.read(rig.bus) != nil)
    }

    @Test func aWrongIdentityIsNotTaken() {
        let trace = TraceBus()
        trace.registers[0xD0] = 0x60  // a BME280
        var chip = BMP280(address: 0x76)
        for tick in UInt64(0)..<100 { chip.bringUp(trace.bus, now: 1 + tick * 2_000_000) }
        #expect(!chip.isReady && Set(trace.trace) == ["76[D0] -> 1"])
    }

    @Test func noCalibrationAndNoRawValueTraps() {
        var random = RandomSource(seed: 7)
        var sensible = 0
        for _ in 0..<20_000 {
            var bytes = InlineArray<24, UInt8>(repeating: 0)
            let shape = random.next() % 4
            for index in 0..<24 {
                bytes[index] = shape == 0 ? 0 : (shape == 1 ? 0xFF : UInt8(truncatingIfNeeded: random.next()))
            }
            let reading = BMP280.compensate(
                pressure: Int32(random.next() % 0x100000), temperature: Int32(random.next() % 0x100000),
                BMP280.decodeCalibration(bytes))
            if let reading {
                sensible += 1
                #expect(reading.pressure > 30_000 && reading.pressure < 110_000 && reading.temperature.isFinite)
            }
        }
        #expect(sensible < 20_000)
    }
}
