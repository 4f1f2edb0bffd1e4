import Airframe
import Simulator
import Testing

@Suite struct MPU6050ChipTests {
    private let imu: UInt8 = 0x68

    private func awake(_ parameters: WorldParameters = quietParameters()) -> Master {
        let master = Master(World(parameters: parameters, seed: 1))
        master.write(imu, MPU6050Chip.Register.powerManagement1, [0x01])
        master.write(imu, MPU6050Chip.Register.config, [2])
        master.wait(milliseconds: 60)
        return master
    }

    @Test func namesItselfAndSleepsAtPowerUp() throws {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        #expect(master.byte(imu, MPU6050Chip.Register.whoAmI) == 0x68)
        #expect(master.byte(imu, MPU6050Chip.Register.powerManagement1) == MPU6050Chip.Bit.sleep)
        master.wait(milliseconds: 100)
        #expect(try master.read(imu, MPU6050Chip.Register.data, 14).get() == [UInt8](repeating: 0, count: 14))
        #expect(master.byte(imu, MPU6050Chip.Register.intStatus) & MPU6050Chip.Bit.dataReady == 0)
    }

    @Test func standingStillItFeelsOneGravityUpwards() throws {
        let master = awake()
        let data = try master.read(imu, MPU6050Chip.Register.data, 14).get()
        #expect(abs(Int(word(data, 0))) <= 1)
        #expect(abs(Int(word(data, 2))) <= 1)
        #expect(abs(Int(word(data, 4)) + 16384) <= 2)
        #expect(word(data, 6) == Int16((25 - 36.53) * 340))
        for axis in 0..<3 { #expect(abs(Int(word(data, 8 + 2 * axis))) <= 1) }
    }

    @Test func aSleepingChipGivesFrozenData() throws {
        var parameters = quietParameters()
        parameters.imu.gyroNoise = 1e-3
        let master = awake(parameters)
        let first = try master.read(imu, MPU6050Chip.Register.data, 14).get()
        master.wait(milliseconds: 5)
        #expect(try master.read(imu, MPU6050Chip.Register.data, 14).get() != first)
        master.write(imu, MPU6050Chip.Register.powerManagement1, [MPU6050Chip.Bit.sleep])
        let frozen = try master.read(imu, MPU6050Chip.Register.data, 14).get()
        master.wait(milliseconds: 50)
        #expect(try master.read(imu, MPU6050Chip.Register.data, 14).get() == frozen)
    }

    @Test func dataReadyIsSetByASampleAndClearedByReading() {
        let master = awake()
        master.wait(milliseconds: 2)
        #expect(master.byte(imu, MPU6050Chip.Register.intStatus) == MPU6050Chip.Bit.dataReady)
        #expect(master.byte(imu, MPU6050Chip.Register.intStatus) == 0)
        master.wait(milliseconds: 2)
        #expect(master.byte(imu, MPU6050Chip.Register.intStatus) == MPU6050Chip.Bit.dataReady)
    }

    @Test func itsClockIsItsOwn() {
        var parameters = quietParameters()
        parameters.imu.clockError = 0.01
        let master = awake(parameters)
        let before = master.world.imu.samples
        master.wait(milliseconds: 1000)
        #expect(master.world.imu.samples - before == 1010)
        master.write(imu, MPU6050Chip.Register.sampleRateDivider, [4])
        let divided = master.world.imu.samples
        master.wait(milliseconds: 1000)
        #expect((201...202).contains(master.world.imu.samples - divided))
    }

    @Test func resetPutsItToSleepAndTakesAWhile() {
        let master = awake()
        master.write(imu, MPU6050Chip.Register.gyroConfig, [0x18])
        master.write(imu, MPU6050Chip.Register.powerManagement1, [MPU6050Chip.Bit.deviceReset])
        #expect(master.byte(imu, MPU6050Chip.Register.powerManagement1) & MPU6050Chip.Bit.deviceReset != 0)
        master.write(imu, MPU6050Chip.Register.gyroConfig, [0x08])
        master.wait(milliseconds: 60)
        #expect(master.byte(imu, MPU6050Chip.Register.powerManagement1) == MPU6050Chip.Bit.sleep)
        #expect(master.byte(imu, MPU6050Chip.Register.gyroConfig) == 0, "writes during the reset are lost")
    }

    @Test(arguments: 0..<4) func rangesScaleAndSaturate(range: Int) {
        var chip = MPU6050Chip(
            quietParameters().imu, step: 250e-6, start: 0, random: RandomSource(seed: 1))
        chip.write(MPU6050Chip.Register.powerManagement1, [1], at: 0)
        chip.write(MPU6050Chip.Register.gyroConfig, [UInt8(range << 3), UInt8(range << 3)], at: 0)
        let degree = Double.pi / 180
        func run(_ rate: Vector, _ force: Vector, from: UInt64) -> Block {
            var time = from
            for _ in 0..<400 {
                time += 250_000
                chip.feed(rate: rate, force: force, temperature: 25, at: time)
            }
            return chip.read(MPU6050Chip.Register.data, count: 14, at: time)
        }
        let half = run(Vector(125 * degree, 0, 0), Vector(gravity, 0, 0), from: 0)
        #expect(abs(Double(half.bigEndian(at: 8)) - 125 * [131, 65.5, 32.8, 16.4][range]) <= 1)
        #expect(half.bigEndian(at: 0) == UInt16(16384 >> range))
        let beyond = run(
            Vector(2500 * degree, -2500 * degree, 0), Vector(20 * gravity, -20 * gravity, 0), from: 100_000_000)
        #expect(Int16(bitPattern: beyond.bigEndian(at: 8)) == 32767)
        #expect(Int16(bitPattern: beyond.bigEndian(at: 10)) == -32768)
        #expect(Int16(bitPattern: beyond.bigEndian(at: 0)) == 32767)
        #expect(Int16(bitPattern: beyond.bigEndian(at: 2)) == -32768)
    }

    /// A ramp comes out late by the filter's whole delay (register map, register 26).
    @Test(arguments: [(1, 1.9), (2, 2.8), (3, 4.8), (4, 8.3)]) func filterDelaysAsTheDataSheetSays(
        setting: UInt8, milliseconds: Double
    ) {
        var chip = MPU6050Chip(
            quietParameters().imu, step: 250e-6, start: 0, random: RandomSource(seed: 1))
        chip.write(MPU6050Chip.Register.powerManagement1, [1], at: 0)
        chip.write(MPU6050Chip.Register.gyroConfig, [0x18], at: 0)
        chip.write(MPU6050Chip.Register.config, [setting], at: 0)
        var time: UInt64 = 0
        let slope = 50.0  // rad/s²
        var lags: [Double] = []
        for step in 1...2000 {
            time += 250_000
            let before = chip.samples
            chip.feed(rate: Vector(Double(time) * 1e-9 * slope, 0, 0), force: .zero, temperature: 25, at: time)
            guard chip.samples != before, step > 1000 else { continue }
            let block = chip.read(MPU6050Chip.Register.data, count: 14, at: time)
            let rate = Double(Int16(bitPattern: block.bigEndian(at: 8))) / 16.4 * Double.pi / 180
            lags.append(Double(time) * 1e-9 - rate / slope)
        }
        let mean = lags.reduce(0, +) / Double(lags.count) * 1000
        // Rounded to the step, and read on the average half a step after the sample.
        #expect(abs(mean - milliseconds) < 0.4, "delay \(mean) ms")
    }

    @Test func noiseHasTheDensityOfTheDataSheet() throws {
        var parameters = quietParameters()
        parameters.imu.gyroNoise = 1e-3
        let master = awake(parameters)
        var sum = 0.0
        var squares = 0.0
        let count = 4000
        for _ in 0..<count {
            master.wait(milliseconds: 2)
            let data = try master.read(imu, MPU6050Chip.Register.data, 14).get()
            let rate = Double(word(data, 8)) / 131 * Double.pi / 180
            sum += rate
            squares += rate * rate
        }
        let deviation = (squares / Double(count) - (sum / Double(count)) * (sum / Double(count))).squareRoot()
        // A first-order low pass of 98 Hz has a noise bandwidth of π/2 · 98 Hz.
        let expected = 1e-3 * (98 * Double.pi / 2).squareRoot()
        #expect(abs(deviation / expected - 1) < 0.15, "\(deviation) against \(expected)")
    }
}
