import CContract
import Contract
import FlightCore
import Testing

/// What the gaps of the bench's mutants let through, and the whole fence does not.
@Suite struct FenceTests {
    private func arbiter(_ fence: Fence, _ silence: Silence = .bridged) -> Arbiter {
        var arbiter = Arbiter(testBoard(), lastEpoch: 0, reservedEpoch: 16, fence: fence, silence: silence)
        pass(&arbiter, to: 1)
        for slot in 0..<2 {
            arbiter.listen(slot)
            arbiter.connect(slot, pid: 1)
        }
        let isGranted = arbiter.grant(0)
        #expect(isGranted)
        pass(&arbiter, to: 2)
        return arbiter
    }

    private func pass(_ arbiter: inout Arbiter, to tick: UInt64) {
        arbiter.passBoundary(to: tick, at: tick * 2_000_000, airborne: true)
    }

    private func command(_ slot: Int, of arbiter: Arbiter, _ tick: UInt64) -> da_command {
        var command = da_command.make()
        command.tick = tick
        command.sample_ns = tick * 2_000_000
        command.epoch = arbiter.slots[slot].grant
        command.motor = Motors(repeating: 0.1 + Float(slot) / 10).array
        return command
    }

    @Test func theWholeFenceAwaitsTheOwnerAlone() {
        var arbiter = arbiter(.whole)
        _ = arbiter.take(command(1, of: arbiter, 2), from: 1)
        #expect(!arbiter.isAnswered(2))
        _ = arbiter.take(command(0, of: arbiter, 2), from: 0)
        #expect(arbiter.isAnswered(2))
        #expect(arbiter.intruder(2) == nil)
    }

    @Test func anOwnerThatIsGoneIsNotAwaited() {
        var arbiter = arbiter(.whole)
        arbiter.disconnect(0)
        #expect(arbiter.isAnswered(2))
    }

    @Test func withoutFenceWhoeverIsConnectedDrives() {
        var arbiter = arbiter(.absent)
        _ = arbiter.take(command(0, of: arbiter, 2), from: 0)
        #expect(!arbiter.isAnswered(2), "the other one drives too")
        _ = arbiter.take(command(1, of: arbiter, 2), from: 1)
        #expect(arbiter.isAnswered(2))
        #expect(arbiter.intruder(2)?[0] == 0.2)
        #expect(arbiter.choose(2)?.origin == .fresh, "and so does the owner")
    }

    /// Where silence is not bridged no failsafe takes over, and a container that connects again drives as before.
    @Test func unbridgedNobodyTakesOver() {
        var arbiter = arbiter(.absent, .unwritten)
        arbiter.disconnect(0)
        for tick in 3...40 as ClosedRange<UInt64> {
            #expect(arbiter.choose(tick - 1) == nil)
            pass(&arbiter, to: tick)
        }
        #expect(!arbiter.isFailsafe)
        #expect(arbiter.owner == 0)
        arbiter.connect(0, pid: 2)
        _ = arbiter.take(command(0, of: arbiter, 40), from: 0)
        #expect(arbiter.intruder(40)?[0] == 0.1)
    }
}
