import CBoard
import Contract
import FlightCore
import Simulator
import Testing

@Suite struct MPU6050Tests {
    @Test func itIsSetUpOneTransferAtATime() {
        let trace = TraceBus()
        trace.registers[0x75] = 0x68
        var imu = MPU6050(address: 0x68)
        var now: UInt64 = 1
        for call in 1...8 {
            imu.bringUp(trace.bus, now: now)
            #expect(trace.trace.count == call)
            now += 100_000_001
        }
        #expect(imu.isReady)
        #expect(
            trace.trace == [
                "68[75] -> 1", "68[6B] -> 1", "68[6B] <- 80", "68[6B] <- 01", "68[1A] <- 01", "68[19] <- 00",
                "68[1B] <- 10",
                "68[1C] <- 10",
            ])
        imu.bringUp(trace.bus, now: now)
        #expect(trace.trace.count == 8, "a chip that is ready is left alone")
    }

    /// A core that restarts in flight finds it at work: no reset, no sleep. One that fails all the same is reset.
    @Test func aChipThatMeasuresIsLeftAtIt() {
        let trace = TraceBus()
        trace.registers = [0x75: 0x68, 0x6B: 0x01, 0x19: 0, 0x1A: 1, 0x1B: 0x10, 0x1C: 0x10]
        var imu = MPU6050(address: 0x68)
        for call in 0..<6 { imu.bringUp(trace.bus, now: UInt64(call)) }
        #expect(imu.isReady && trace.trace == ["68[75] -> 1", "68[6B] -> 1", "68[19] -> 4"])
        imu.restart()
        for call in 0..<3 { imu.bringUp(trace.bus, now: UInt64(call)) }
        #expect(!imu.isReady && trace.trace.last == "68[6B] <- 80")
        for register: UInt8 in [0x6B, 0x19, 0x1A, 0x1B, 0x1C] {
            let other = TraceBus()
            other.registers = [0x75: 0x68, 0x6B: 0x01, 0x19: 0, 0x1A: 1, 0x1B: 0x10, 0x1C: 0x10]
            other.registers[register] = 0x18
            var imu = MPU6050(address: 0x68)
            for call in 0..<4 { imu.bringUp(other.bus, now: UInt64(call)) }
            #expect(!imu.isReady && other.trace.contains("68[6B] <- 80"), "register \(hex(register))")
        }
    }

    @Test func afterItsResetItIsGivenTime() {
        let trace = TraceBus()
        trace.registers[0x75] = 0x68
        var imu = MPU6050(address: 0x68)
        imu.bringUp(trace.bus, now: 1)
        imu.bringUp(trace.bus, now: 1)
        imu.bringUp(trace.bus, now: 2)
        imu.bringUp(trace.bus, now: 100_000_000)
        #expect(trace.trace.count == 3)
        imu.bringUp(trace.bus, now: 100_000_002)
        #expect(trace.trace.last == "68[6B] <- 01")
    }

    @Test func aWrongIdentityIsAskedAgainTenTimesASecond() {
        let trace = TraceBus()
        trace.registers[0x75] = 0x70
        var imu = MPU6050(address: 0x68)
        for tick in UInt64(0)..<500 { imu.bringUp(trace.bus, now: 1 + tick * 2_000_000) }
        #expect(!imu.isReady)
        #expect(Set(trace.trace) == ["68[75] -> 1"])
        #expect((9...11).contains(trace.trace.count))
    }

    @Test func atRestItReadsGravity() throws {
        let rig = ChipRig()
        var imu = MPU6050(address: 0x68)
        #expect(rig.bringUp({ imu.bringUp(rig.bus, now: rig.world.now) }, until: { imu.isReady }) != nil)
        #expect(rig.register(0x68, 0x1B) == 0x10 && rig.register(0x68, 0x1A) == 1)
        rig.wait(50)
        let reading = try #require(imu.read(rig.bus))
        // The chip lies on its back: its z looks up, against gravity.
        #expect(abs(reading.accel.z - standardGravity) < 0.4)
        #expect(abs(reading.accel.x) < 0.4 && reading.gyro.norm < 0.1 && !reading.isSaturated)
    }

    @Test func aNackInTheSetUpBeginsAnew() {
        let rig = ChipRig()
        rig.world.faults.add(ChipFault(.nackByte(0), .transfer(3), address: 0x68))
        var imu = MPU6050(address: 0x68)
        #expect(rig.bringUp({ imu.bringUp(rig.bus, now: rig.world.now) }, until: { imu.isReady }) != nil)
        #expect(rig.world.faults.injected == 1)
        #expect(rig.register(0x68, 0x1C) == 0x10)
    }

    @Test func aBrownOutIsNoSample() throws {
        let rig = ChipRig()
        var imu = MPU6050(address: 0x68)
        _ = rig.bringUp({ imu.bringUp(rig.bus, now: rig.world.now) }, until: { imu.isReady })
        rig.wait(50)
        #expect(imu.read(rig.bus) != nil)
        rig.world.brownOut(0x68)
        rig.wait(5)
        #expect(imu.read(rig.bus) == nil, "zeros of a sleeping chip are no level flight")
        imu.restart()
        #expect(rig.bringUp({ imu.bringUp(rig.bus, now: rig.world.now) }, until: { imu.isReady }) != nil)
        rig.wait(50)
        #expect(imu.read(rig.bus) != nil)
    }

    /// In flight it is needed at once: one that sleeps as at power-up is woken and not reset.
    @Test func afterABrownOutItIsBackSoon() throws {
        let rig = ChipRig()
        var imu = MPU6050(address: 0x68)
        _ = rig.bringUp({ imu.bringUp(rig.bus, now: rig.world.now) }, until: { imu.isReady })
        rig.world.brownOut(0x68)
        imu.restart()
        let calls = try #require(rig.bringUp({ imu.bringUp(rig.bus, now: rig.world.now) }, until: { imu.isReady }))
        // The simulated chip takes 50 ms to power up.
        #expect(calls <= 40, "\(calls) calls, 2 ms apart")
        rig.wait(40)
        #expect(imu.read(rig.bus) != nil)
    }

    @Test func anAbsentChipIsNoSample() {
        let rig = ChipRig()
        var imu = MPU6050(address: 0x69)
        for _ in 0..<20 {
            imu.bringUp(rig.bus, now: rig.world.now)
            rig.wait(20)
        }
        #expect(!imu.isReady && imu.read(rig.bus) == nil)
    }

    @Test func extremesDecode() {
        var bytes = InlineArray<14, UInt8>(repeating: 0)
        (bytes[0], bytes[1]) = (0x7F, 0xFF)
        (bytes[8], bytes[9]) = (0x80, 0x00)
        let reading = MPU6050.decode(bytes)
        #expect(reading.isSaturated)
        #expect(abs(reading.accel.x - 32767 * standardGravity / 4096) < 1e-3)
        #expect(abs(reading.gyro.x + 32768 / 32.8 * .pi / 180) < 1e-3)
        // The temperature's extreme says nothing about the axes.
        bytes = InlineArray(repeating: 0)
        (bytes[6], bytes[7]) = (0x80, 0x00)
        #expect(!MPU6050.decode(bytes).isSaturated)
    }
}
