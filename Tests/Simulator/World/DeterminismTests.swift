import Airframe
import Simulator
import Testing

@Suite struct DeterminismTests {
    private func fly(_ seed: UInt64) -> (Truth, [MotorRecord], [UInt8]) {
        let world = World(seed: seed)
        let master = Master(world)
        master.write(0x68, MPU6050Chip.Register.powerManagement1, [1])
        let driver = MotorDriver(master)
        var bytes: [UInt8] = []
        for tick in 0..<1500 {
            world.advance(to: UInt64(tick) * 2_000_000 + 100_000_000)
            bytes += (try? master.read(0x68, MPU6050Chip.Register.data, 14).get()) ?? []
            driver.set([0.7, 0.7, 0.7, 0.7])
        }
        return (world.truth, world.motorLog.records, bytes)
    }

    @Test func theSameSeedGivesTheSameBits() {
        let first = fly(7)
        let second = fly(7)
        #expect(first.0 == second.0)
        #expect(first.1 == second.1)
        #expect(first.2 == second.2)
        #expect(first.1.count == 1500)
    }

    @Test func anotherSeedGivesAnotherFlight() {
        let first = fly(7)
        let second = fly(8)
        #expect(first.0 != second.0)
        #expect(first.2 != second.2)
    }

    @Test func timeMayPassInAnyPieces() {
        let whole = World(seed: 3)
        let pieces = World(seed: 3)
        whole.advance(to: 1_000_000_000)
        var time: UInt64 = 0
        while time < 1_000_000_000 {
            time += 333_333
            pieces.advance(to: min(time, 1_000_000_000))
        }
        #expect(whole.truth == pieces.truth)
    }

    @Test func variedWorldsDifferWithinTheirFraction() {
        let base = WorldParameters()
        let one = base.varied(by: 0.3, seed: 1)
        let two = base.varied(by: 0.3, seed: 2)
        #expect(one.airframe.inertia != two.airframe.inertia)
        #expect(abs(one.airframe.inertia.x / base.airframe.inertia.x - 1) <= 0.3)
        #expect(abs(one.airframe.mass / base.airframe.mass - 1) <= 0.15)
        #expect(one.airframe.inertia == base.varied(by: 0.3, seed: 1).airframe.inertia)
    }

    @Test func normalNumbersAreNormal() {
        var random = RandomSource(seed: 42)
        var sum = 0.0
        var squares = 0.0
        var fourth = 0.0
        let count = 200_000
        for _ in 0..<count {
            let value = random.gaussian()
            sum += value
            squares += value * value
            fourth += value * value * value * value
        }
        #expect(abs(sum / Double(count)) < 0.01)
        #expect(abs(squares / Double(count) - 1) < 0.02)
        #expect(abs(fourth / Double(count) - 3) < 0.15)
    }
}
