import Airframe
import CContract
import Simulator
import Testing

@Suite struct PCA9685ChipTests {
    private let motor: UInt8 = 0x41

    private func master(_ parameters: WorldParameters = quietParameters()) -> Master {
        Master(World(parameters: parameters, seed: 1))
    }

    @Test func powerUpState() throws {
        let master = master()
        #expect(master.byte(motor, PCA9685Chip.Register.mode1) == 0x11)
        #expect(master.byte(motor, PCA9685Chip.Register.mode2) == 0x04)
        #expect(master.byte(motor, PCA9685Chip.Register.prescale) == 0x1E)
        #expect(master.byte(motor, 0x09) == 0x10, "full off")
    }

    @Test func prescaleIsOnlyTakenAsleepAndIsAtLeastThree() {
        let master = master()
        master.write(motor, PCA9685Chip.Register.prescale, [1])
        #expect(master.byte(motor, PCA9685Chip.Register.prescale) == 3)
        master.write(motor, PCA9685Chip.Register.mode1, [0x21])
        master.write(motor, PCA9685Chip.Register.prescale, [0x79])
        #expect(master.byte(motor, PCA9685Chip.Register.prescale) == 3)
    }

    @Test func withoutAutoIncrementAllBytesHitOneRegister() {
        let master = master()
        master.write(motor, PCA9685Chip.Register.led0, [1, 2, 3])
        #expect(master.byte(motor, 0x06) == 3)
        #expect(master.byte(motor, 0x07) == 0)
        master.write(motor, PCA9685Chip.Register.mode1, [0x31])
        master.write(motor, PCA9685Chip.Register.led0, [1, 2, 3])
        #expect(master.byte(motor, 0x07) == 2)
        #expect(master.byte(motor, 0x08) == 3)
    }

    @Test func pulsesFollowCountsPrescaleAndOscillator() {
        var parameters = quietParameters()
        parameters.oscillatorError = 0.02
        let world = World(parameters: parameters, seed: 1)
        let driver = MotorDriver(Master(world))
        driver.set([0, 0.5, 1, 0.25])
        driver.master.wait(milliseconds: 3)
        #expect(abs(world.motorChip.period - 4096.0 * 4 / 25.5e6) < 1e-12)
        for (channel, command) in [0, 0.5, 1, 0.25].enumerated() {
            let width = world.motorChip.pulse(channel, at: world.now)
            #expect(abs(width - (125e-6 + 125e-6 * command) / 1.02) < 0.1e-6)
        }
    }

    @Test func outputsLatchAtTheStopAndTurnAtTheNextPeriod() {
        var chip = PCA9685Chip(oscillatorError: 0)
        chip.outputsEnabled = true
        chip.write(PCA9685Chip.Register.prescale, [3], at: 0)
        chip.write(PCA9685Chip.Register.mode1, [0x20], at: 0)
        chip.write(PCA9685Chip.Register.led0, [0, 0, 0, 4], at: 1_000_000)  // 1024 counts
        let period: UInt64 = 655_360
        // The counter starts 500 µs after waking; STOP at 1 ms, the first turn behind it is at 500 + 655.36 µs.
        let first = 500_000 + period + period / 4
        #expect(chip.pulse(0, at: first - 1000) == 0)
        #expect(abs(chip.pulse(0, at: first + 1000) - 163.84e-6) < 1e-9)
        chip.write(PCA9685Chip.Register.led0, [0, 0, 0, 8], at: first + 2000)
        #expect(abs(chip.pulse(0, at: first + 3000) - 163.84e-6) < 1e-9, "the old pulse until the turn")
        #expect(abs(chip.pulse(0, at: first + 2 * period) - 327.68e-6) < 1e-9)
    }

    @Test func aTornWriteLatchesWhatArrived() throws {
        let world = World(parameters: quietParameters(), seed: 1)
        let driver = MotorDriver(Master(world))
        driver.set([0.5, 0.5, 0.5, 0.5])
        world.faults.add(ChipFault(.torn(bytes: 8), .transfer(0), address: motor, direction: .write))
        #expect(driver.set([0.7, 0.7, 0.7, 0.7]) == -5)
        driver.master.wait(milliseconds: 3)
        let commands = (0..<4).map { (world.motorChip.pulse($0, at: world.now) - 125e-6) / 125e-6 }
        for (index, expected) in [0.7, 0.7, 0.5, 0.5].enumerated() {
            #expect(abs(commands[index] - expected) < 1e-3)
        }
        let record = try #require(world.motorLog.records.last)
        #expect(!record.isComplete)
        #expect(record.count == 16 && record.taken == 8 && record.result == -5)
    }

    @Test func changeOnAckNeedsAWholeChannel() {
        var chip = PCA9685Chip(oscillatorError: 0)
        chip.outputsEnabled = true
        chip.write(PCA9685Chip.Register.prescale, [3], at: 0)
        chip.write(PCA9685Chip.Register.mode1, [0x20, 0x0C], at: 0)
        chip.write(PCA9685Chip.Register.led0, [0, 0, 0, 4, 0, 0, 0], at: 1_000_000)  // channel 1 lacks a byte
        #expect(abs(chip.pulse(0, at: 5_000_000) - 163.84e-6) < 1e-9)
        #expect(chip.pulse(1, at: 5_000_000) == 0)
    }

    @Test func fullOnAndFullOffMakeNoPulse() {
        var chip = PCA9685Chip(oscillatorError: 0)
        chip.outputsEnabled = true
        chip.write(PCA9685Chip.Register.mode1, [0x20], at: 0)
        chip.write(PCA9685Chip.Register.led0, [0, 0x10, 0, 4, 0, 0, 0, 0x14], at: 0)
        #expect(chip.pulse(0, at: 100_000_000) == 0)
        #expect(chip.pulse(1, at: 100_000_000) == 0)
    }

    @Test func allLedSetsEveryChannel() {
        var chip = PCA9685Chip(oscillatorError: 0)
        chip.outputsEnabled = true
        chip.write(PCA9685Chip.Register.prescale, [3], at: 0)
        chip.write(PCA9685Chip.Register.mode1, [0x20], at: 0)
        chip.write(PCA9685Chip.Register.allLed, [0, 0, 0, 4], at: 0)
        for channel in 0..<16 { #expect(chip.counts(channel) == (0, 1024)) }
        #expect(chip.pulse(15, at: 9_000_000) > 0)
    }

    @Test func outputEnableAndSleepStopThePulses() {
        var chip = PCA9685Chip(oscillatorError: 0)
        chip.write(PCA9685Chip.Register.prescale, [3], at: 0)
        chip.write(PCA9685Chip.Register.mode1, [0x20], at: 0)
        chip.write(PCA9685Chip.Register.led0, [0, 0, 0, 4], at: 0)
        #expect(chip.pulse(0, at: 9_000_000) == 0, "output-enable is off")
        chip.outputsEnabled = true
        #expect(chip.pulse(0, at: 9_000_000) > 0)
        chip.write(PCA9685Chip.Register.mode1, [0x30], at: 10_000_000)
        #expect(chip.pulse(0, at: 19_000_000) == 0)
        #expect(chip.read(PCA9685Chip.Register.mode1, count: 1, at: 0)[0] & PCA9685Chip.Bit.restart != 0)
        chip.write(PCA9685Chip.Register.mode1, [0x20], at: 20_000_000)
        #expect(chip.pulse(0, at: 29_000_000) == 0, "awake, but not told to go on")
        chip.write(PCA9685Chip.Register.mode1, [0xA0], at: 30_000_000)
        #expect(chip.pulse(0, at: 39_000_000) > 0)
        #expect(chip.read(PCA9685Chip.Register.mode1, count: 1, at: 0)[0] == 0x20)
    }

    @Test func newCountsAlsoEndTheStop() {
        var chip = PCA9685Chip(oscillatorError: 0)
        chip.outputsEnabled = true
        chip.write(PCA9685Chip.Register.mode1, [0x20], at: 0)
        chip.write(PCA9685Chip.Register.led0, [0, 0, 0, 4], at: 0)
        chip.write(PCA9685Chip.Register.mode1, [0x30], at: 10_000_000)
        chip.write(PCA9685Chip.Register.mode1, [0x20], at: 20_000_000)
        chip.write(PCA9685Chip.Register.led0, [0, 0, 0, 2], at: 21_000_000)
        #expect(chip.pulse(0, at: 90_000_000) > 0)
    }

    @Test func thePointerTurnsOverBehindTheLastChannel() {
        let master = master()
        master.write(motor, PCA9685Chip.Register.mode1, [0x31])
        master.write(motor, 0x45, [0x03, 0x31, 0x06])
        #expect(master.byte(motor, 0x45) == 3)
        #expect(master.byte(motor, PCA9685Chip.Register.mode1) == 0x31)
        #expect(master.byte(motor, PCA9685Chip.Register.mode2) == 0x06)
    }

    @Test func aNewPrescalerTakesEffectWhenItWakes() {
        var chip = PCA9685Chip(oscillatorError: 0)
        chip.outputsEnabled = true
        chip.write(PCA9685Chip.Register.mode1, [0x20], at: 0)
        chip.write(PCA9685Chip.Register.led0, [0, 0, 0, 4], at: 0)
        let slow = chip.pulse(0, at: 90_000_000)
        chip.write(PCA9685Chip.Register.mode1, [0x30], at: 100_000_000)
        chip.write(PCA9685Chip.Register.prescale, [3], at: 101_000_000)
        chip.write(PCA9685Chip.Register.mode1, [0xA0], at: 102_000_000)
        #expect(chip.pulse(0, at: 102_500_000) == 0, "the oscillator is starting")
        #expect(abs(chip.pulse(0, at: 104_000_000) * 31 / 4 - slow) < 1e-9)
    }
}
