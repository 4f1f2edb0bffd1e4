import CBoard
import CContract
import Glibc
import Simulator
import Testing

@Suite struct FaultTests {
    private let imu: UInt8 = 0x68
    private let motor: UInt8 = 0x41

    @Test func absentAddressesAreRefused() {
        let master = Master(World(parameters: quietParameters(), seed: 1))
        #expect(master.read(0x29, 0, 1) == .failure(BusFault(code: -ENXIO)))
        #expect(master.write(0x29, 0, [1]) == -ENXIO)
    }

    @Test func theMotorChipIsOnItsOwnBusOnly() {
        var parameters = quietParameters()
        parameters.wiring.motorBus = 1
        let world = World(parameters: parameters, seed: 1)
        #expect(Master(world, bus: 0).read(motor, 0, 1) == .failure(BusFault(code: -ENXIO)))
        #expect(Master(world, bus: 1).byte(motor, 0) == 0x11)
        #expect(Master(world, bus: 1).read(imu, 0x75, 1) == .failure(BusFault(code: -ENXIO)))
    }

    @Test func transfersTakeTheirClocks() {
        let world = World(parameters: quietParameters(), seed: 1)
        let master = Master(world)
        _ = master.read(imu, MPU6050Chip.Register.data, 14)
        // 156 clocks of 2.5 µs and 60 µs of the driver.
        #expect(world.now == 390_000 + 60_000)
        let before = world.now
        master.write(motor, PCA9685Chip.Register.led0, [UInt8](repeating: 0, count: 16))
        #expect(world.now - before == 410_000 + 60_000)
    }

    @Test func nackAtTheAddressHasNoEffect() {
        let world = World(parameters: quietParameters(), seed: 1)
        let master = Master(world)
        world.faults.add(ChipFault(.nackAddress, .transfer(1), address: motor))
        #expect(master.write(motor, PCA9685Chip.Register.mode1, [0x31]) == 0)
        #expect(master.write(motor, PCA9685Chip.Register.mode1, [0x11]) == -ENXIO)
        #expect(master.byte(motor, PCA9685Chip.Register.mode1) == 0x31)
        #expect(world.faults.injected == 1)
        #expect(world.faults.isEmpty)
    }

    @Test func nackAtAByteKeepsTheOnesBefore() {
        let world = World(parameters: quietParameters(), seed: 1)
        let master = Master(world)
        master.write(motor, PCA9685Chip.Register.mode1, [0x31])
        world.faults.add(ChipFault(.nackByte(2), .time(world.now), address: motor, direction: .write))
        #expect(master.write(motor, PCA9685Chip.Register.led0, [1, 2, 3, 4]) == -EREMOTEIO)
        #expect((0..<4).map { master.byte(motor, PCA9685Chip.Register.led0 + $0) } == [1, 2, 0, 0x10])
    }

    @Test func aHangTakesItsTime() {
        let world = World(parameters: quietParameters(), seed: 1)
        let master = Master(world)
        world.faults.add(ChipFault(.hang(milliseconds: 25), .transfer(0), address: imu))
        #expect(master.read(imu, 0x75, 1) == .failure(BusFault(code: -ETIMEDOUT)))
        #expect(world.now >= 25_000_000)
        #expect(master.byte(imu, 0x75) == 0x68)
    }

    @Test func aBrownOutForgetsEverything() {
        let world = World(parameters: quietParameters(), seed: 1)
        let master = Master(world)
        master.write(imu, MPU6050Chip.Register.powerManagement1, [1])
        world.faults.add(ChipFault(.brownOut, .transfer(0), address: imu, direction: .read))
        #expect(master.byte(imu, 0x75) == 0x68)
        master.wait(milliseconds: 60)
        #expect(master.byte(imu, MPU6050Chip.Register.powerManagement1) == MPU6050Chip.Bit.sleep)
    }

    @Test func repeatsAreBounded() {
        let world = World(parameters: quietParameters(), seed: 1)
        let master = Master(world)
        world.faults.add(ChipFault(.nackAddress, .transfer(0), address: imu, repeats: 3))
        let results = (0..<5).map { _ in master.byte(imu, 0x75) }
        #expect(results == [0xEE, 0xEE, 0xEE, 0x68, 0x68])
    }

    @Test func badArgumentsAreRefused() {
        let world = World(parameters: quietParameters(), seed: 1)
        let bus = world.bus(0)
        var bytes = [UInt8](repeating: 0, count: 64)
        #expect(bus.read(bus.context, imu, 0, &bytes, 0) == -EINVAL)
        #expect(bus.read(bus.context, imu, 0, &bytes, 33) == -EINVAL)
        #expect(bus.write(bus.context, imu, 0, &bytes, 33) == -EINVAL)
        #expect(world.line(7) == -EINVAL)
        #expect(world.setLine(DA_LINE_KILL.rawValue, 1) == -EPERM)
    }
}
