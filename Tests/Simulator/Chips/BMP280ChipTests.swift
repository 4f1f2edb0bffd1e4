import Airframe
import Simulator
import Testing

@Suite struct BMP280ChipTests {
    private let barometer: UInt8 = 0x76

    /// The data sheet's 32-bit temperature and 64-bit pressure compensation (3.11.3), as a driver has it.
    private static func compensate(rawTemperature: Int64, rawPressure: Int64) -> (celsius: Double, pascal: Double) {
        let (t1, t2, t3): (Int64, Int64, Int64) = (27504, 26435, -1000)
        let p: [Int64] = [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000]
        let a = (((rawTemperature >> 3) - (t1 << 1)) * t2) >> 11
        let d = (rawTemperature >> 4) - t1
        let fine = a + ((((d * d) >> 12) * t3) >> 14)
        var var1 = fine - 128_000
        var var2 = var1 * var1 * p[5]
        var2 += (var1 * p[4]) << 17
        var2 += p[3] << 35
        var1 = ((var1 * var1 * p[2]) >> 8) + ((var1 * p[1]) << 12)
        var1 = (((1 << 47) + var1) * p[0]) >> 33
        var pressure = 1_048_576 - rawPressure
        pressure = (((pressure << 31) - var2) * 3125) / var1
        var1 = (p[8] * (pressure >> 13) * (pressure >> 13)) >> 25
        var2 = (p[7] * pressure) >> 19
        pressure = ((pressure + var1 + var2) >> 8) + (p[6] << 4)
        return (Double((fine * 5 + 128) >> 8) / 100, Double(pressure) / 256)
    }

    private func measured(_ master: Master) throws -> (celsius: Double, pascal: Double) {
        let data = try master.read(barometer, BMP280Chip.Register.data, 6).get().map { Int64($0) }
        return Self.compensate(
            rawTemperature: data[3] << 12 | data[4] << 4 | data[5] >> 4,
            rawPressure: data[0] << 12 | data[1] << 4 | data[2] >> 4)
    }

    @Test func theDataSheetsExampleComesOut() {
        let calibration = BMP280Calibration()
        let fine = calibration.fineTemperature(raw: 519_888)
        #expect(abs(fine - 128_422) < 1)
        #expect(abs(fine / 5120 - 25.08) < 0.005)
        #expect(abs(calibration.pressure(raw: 415_148, fine: fine) - 100_653.27) < 0.05)
        let byDriver = Self.compensate(rawTemperature: 519_888, rawPressure: 415_148)
        #expect(abs(byDriver.pascal - 100_653.27) < 1)
    }

    @Test(arguments: [30_000.0, 70_000, 95_000, 100_653.27, 108_000], [-20.0, 0, 25.08, 60])
    func theInverseGoesBack(pressure: Double, temperature: Double) {
        let calibration = BMP280Calibration()
        let rawTemperature = calibration.rawTemperature(temperature)
        let fine = calibration.fineTemperature(raw: rawTemperature)
        #expect(abs(fine / 5120 - temperature) < 1e-6)
        let rawPressure = calibration.rawPressure(pressure, fine: fine)
        #expect(abs(calibration.pressure(raw: rawPressure, fine: fine) - pressure) < 1e-3)
    }

    @Test func identityCalibrationAndSkippedValues() throws {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        #expect(master.byte(barometer, BMP280Chip.Register.status) & 1 == 1, "calibration is still loading")
        master.wait(milliseconds: 3)
        #expect(master.byte(barometer, BMP280Chip.Register.status) == 0)
        #expect(master.byte(barometer, BMP280Chip.Register.id) == 0x58)
        #expect(try master.read(barometer, BMP280Chip.Register.calibration, 24).get() == BMP280Calibration().bytes)
        #expect(try master.read(barometer, BMP280Chip.Register.data, 6).get() == [0x80, 0, 0, 0x80, 0, 0])
    }

    @Test func aDriverReadsTheWorldsPressure() throws {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        master.wait(milliseconds: 3)
        // Temperature ×1, pressure ×4, normal mode: 11.5 ms a measurement.
        master.write(barometer, BMP280Chip.Register.config, [0])
        master.write(barometer, BMP280Chip.Register.control, [0b001_011_11])
        #expect(master.byte(barometer, BMP280Chip.Register.status) & 8 == 8)
        #expect(try master.read(barometer, BMP280Chip.Register.data, 3).get() == [0x80, 0, 0])
        master.wait(milliseconds: 12)
        let (celsius, pascal) = try measured(master)
        #expect(abs(celsius - 25) < 0.02)
        #expect(abs(pascal - 100_650) < 0.5)
    }

    @Test func heightLowersThePressure() throws {
        let world = World(parameters: quietParameters(), seed: 1)
        let master = Master(world)
        var body = RigidBody()
        body.position.z = -100
        world.place(body)
        master.wait(milliseconds: 3)
        master.write(barometer, BMP280Chip.Register.control, [0b001_001_01])
        master.wait(milliseconds: 10)
        let pascal = try measured(master).pascal
        // About 11.8 Pa a metre at 25 °C and 1006.5 hPa.
        #expect(abs(pascal - (100_650 - 1150)) < 15, "\(pascal)")
    }

    @Test func forcedModeMeasuresOnceAndSleeps() {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        master.wait(milliseconds: 3)
        master.write(barometer, BMP280Chip.Register.control, [0b001_001_01])
        #expect(master.byte(barometer, BMP280Chip.Register.status) == 8)
        master.wait(milliseconds: 6)
        #expect(master.byte(barometer, BMP280Chip.Register.status) == 0)
        #expect(master.byte(barometer, BMP280Chip.Register.control) & 3 == 0)
    }

    @Test func writesArePairsAndNormalModeGuardsTheConfig() {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        master.wait(milliseconds: 3)
        master.write(barometer, BMP280Chip.Register.config, [0b000_010_00, BMP280Chip.Register.control, 0b001_001_11])
        #expect(master.byte(barometer, BMP280Chip.Register.config) == 0b000_010_00)
        #expect(master.byte(barometer, BMP280Chip.Register.control) == 0b001_001_11)
        master.write(barometer, BMP280Chip.Register.config, [0])
        #expect(master.byte(barometer, BMP280Chip.Register.config) == 0b000_010_00)
        master.write(barometer, BMP280Chip.Register.reset, [0xB6])
        #expect(master.byte(barometer, BMP280Chip.Register.control) == 0)
    }

    @Test func filterFollowsSlowly() throws {
        let world = World(parameters: quietParameters(), seed: 1)
        let master = Master(world)
        master.wait(milliseconds: 3)
        master.write(barometer, BMP280Chip.Register.config, [0b000_100_00])  // coefficient 16
        master.write(barometer, BMP280Chip.Register.control, [0b001_001_11])
        master.wait(milliseconds: 20)
        let before = try measured(master).pascal
        var body = RigidBody()
        body.position.z = -100
        world.place(body)
        master.wait(milliseconds: 6.5)
        let after = try measured(master).pascal
        let step = before - after
        #expect(step > 40 && step < 160, "one or two sixteenths of 1150 Pa, not \(step)")
    }

    @Test func oversamplingCalmsTheNoise() throws {
        func deviation(_ control: UInt8) throws -> Double {
            var parameters = quietParameters()
            parameters.barometer.noise = 2.6
            let master = Master(World(parameters: parameters, seed: 3))
            master.wait(milliseconds: 3)
            master.write(barometer, BMP280Chip.Register.control, [control])
            var values: [Double] = []
            for _ in 0..<400 {
                master.wait(milliseconds: 50)
                values.append(try measured(master).pascal)
            }
            let mean = values.reduce(0, +) / 400
            return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400).squareRoot()
        }
        #expect(abs(try deviation(0b001_001_11) - 2.6) < 0.4)
        #expect(abs(try deviation(0b001_101_11) - 0.65) < 0.15)
    }
}
