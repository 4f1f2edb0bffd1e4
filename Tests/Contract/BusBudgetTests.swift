import CContract
import Contract
import Testing

@Suite struct BusBudgetTests {
    private func budget(rate: UInt32, speed: UInt32, motor: UInt32 = 0) -> BusBudget {
        var board = da_board()
        (board.tick_rate, board.bus_speed, board.motor_bus_speed) = (rate, speed, motor)
        return BusBudget(board)
    }

    @Test func clocksOfTheTicksTransfers() {
        #expect(abs(BusBudget.read(bytes: 14, speed: 1) - BusBudget.overhead - 156) < 1e-9)
        #expect(abs(BusBudget.write(bytes: 16, speed: 1) - BusBudget.overhead - 164) < 1e-9)
    }

    @Test func whatFits() {
        #expect(!budget(rate: 500, speed: 100_000).fits && budget(rate: 500, speed: 100_000).load > 1)
        let usual = budget(rate: 500, speed: 400_000)
        #expect(usual.fits && usual.load > 0.4 && usual.load < 0.65)
        #expect(budget(rate: 250, speed: 400_000).fits)
        #expect(budget(rate: 400, speed: 400_000).fits)
        #expect(!budget(rate: 1000, speed: 400_000).fits && budget(rate: 1000, speed: 400_000).load > 1)
    }

    /// Each of two buses has room at 1000 Hz, but sensing, answer and writing follow each other within the tick.
    @Test func twoBusesShareTheLoadButNotTheTime() {
        let slow = budget(rate: 1000, speed: 400_000, motor: 400_000)
        #expect(slow.load < BusBudget.limit && !slow.fits)
        let fast = budget(rate: 1000, speed: 400_000, motor: 1_000_000)
        #expect(fast.fits && fast.load < BusBudget.limit)
        #expect(!budget(rate: 1000, speed: 400_000, motor: 700_000).fits)
    }

    @Test func nonsenseDoesNotTrap() {
        #expect(!budget(rate: 0, speed: 0).fits)
        #expect(budget(rate: .max, speed: 1, motor: 1).load > 1)
    }
}
