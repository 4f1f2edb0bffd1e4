import CContract
import Contract
import FlightCore

/// Drives an arbiter tick by tick, as the tick does.
final class Ticker {
    var arbiter: Arbiter
    private(set) var tick: UInt64 = 0
    var airborne = true
    /// Boundaries passed so far, and what was served.
    private(set) var served: (motors: Motors, origin: Arbiter.Origin)?

    init(lastEpoch: UInt64 = 100, reserved: UInt64 = 132, settle: UInt32 = 10) {
        var board = testBoard()
        board.settle_ticks = settle
        arbiter = Arbiter(board, lastEpoch: lastEpoch, reservedEpoch: reserved)
        pass()
    }

    /// ns of `tick`.
    static func time(_ tick: UInt64) -> UInt64 { tick &* 2_000_000 }

    func connect(_ slot: Int) {
        arbiter.listen(slot)
        arbiter.connect(slot, pid: 1)
    }

    func grant(_ slot: Int) -> Bool { arbiter.grant(slot) }
    func requestSwitch(to slot: Int, until tick: UInt64) -> Bool { arbiter.requestSwitch(to: slot, until: tick) }
    func requestRelief(by slot: Int, until tick: UInt64) -> Bool { arbiter.requestRelief(by: slot, until: tick) }
    func requestWayBack() -> Bool { arbiter.requestWayBack() }
    func commit() -> Bool { arbiter.commit() }
    func refuse(_ slot: Int) -> Arbiter.Fate { arbiter.refuse(slot) }
    func take(_ command: da_command, from slot: Int) -> Arbiter.Fate { arbiter.take(command, from: slot) }

    /// Boundary to the next tick, behind `skipping` that were slept through.
    func pass(skipping: UInt64 = 0) {
        tick += 1 + skipping
        arbiter.passBoundary(to: tick, at: Self.time(tick), airborne: airborne)
    }

    func command(_ slot: Int, tick: UInt64? = nil, epoch: UInt64? = nil, state: UInt64 = 0, motors: Motors? = nil)
        -> da_command
    {
        var command = da_command.make()
        command.tick = tick ?? self.tick
        command.sample_ns = Self.time(command.tick)
        command.epoch = epoch ?? arbiter.slots[slot].grant
        command.state_tick = state
        let values = motors ?? Motors(repeating: 0.1 + Float(slot) / 10)
        command.motor = values.array
        command.free = values.array
        command.flags = UInt32(DA_COMMAND_SETTLED.rawValue)
        return command
    }

    @discardableResult
    func answer(_ slot: Int, state: UInt64 = 0) -> Arbiter.Fate {
        arbiter.take(command(slot, state: state), from: slot)
    }

    /// Serves the tick, then passes on. Returns where the motors' values came from; nil: none.
    @discardableResult
    func serve(skipping: UInt64 = 0) -> Arbiter.Origin? {
        served = arbiter.choose(tick)
        pass(skipping: skipping)
        return served?.origin
    }

    /// An owner in slot 0.
    static func owned(settle: UInt32 = 10, reserved: UInt64 = 132) -> Ticker {
        let ticker = Ticker(reserved: reserved, settle: settle)
        ticker.connect(0)
        _ = ticker.arbiter.grant(0)
        ticker.pass()
        return ticker
    }

    /// Slot 0 was relieved by slot 1, which is on probation.
    static func onProbation() -> Ticker {
        let ticker = owned()
        ticker.connect(1)
        let cut = ticker.tick
        _ = ticker.arbiter.requestSwitch(to: 1, until: cut + 100)
        for _ in 0..<40 where ticker.arbiter.owner == 0 {
            ticker.answer(0)
            ticker.answer(1, state: cut)
            ticker.serve()
        }
        return ticker
    }
}
