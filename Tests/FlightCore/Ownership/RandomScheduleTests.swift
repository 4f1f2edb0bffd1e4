import Airframe
import CContract
import Contract
import FlightCore
import Simulator
import Testing

/// Whatever happens in whatever order: the invariants hold at every tick.
@Suite struct RandomScheduleTests {
    /// What is left of one schedule, for comparing and counting.
    private struct Trace {
        var switches = 0
        var waysBack = 0
        var failsafes = 0
        var fresh = 0
        var restarts = 0
        var returns = 0
        var faults: [String] = []
    }

    private func run(seed: UInt64, ticks: Int = 300) -> Trace {
        var random = RandomSource(seed: seed)
        func chance(_ share: Double) -> Bool { random.uniform() < share }
        let ticker = Ticker(lastEpoch: 100, reserved: 110 + random.next() % 30, settle: 3)
        var trace = Trace()
        var epoch: UInt64 = 0
        var owner = Arbiter.nobody
        var granted: Set<UInt64> = []
        // How often each instance answers in this schedule.
        let zeal = (0..<4).map { _ in random.uniform(0.5, 1.02) }
        for _ in 0..<ticks {
            let slot = Int(random.next() % 4)
            switch random.next() % 40 {
            case 0, 1: if ticker.arbiter.slots[slot].role == .empty { ticker.connect(slot) }
            case 2: if ticker.arbiter.slots[slot].isConnected { ticker.arbiter.disconnect(slot) }
            case 3: if ticker.arbiter.slots[slot].role == .listening { ticker.arbiter.connect(slot, pid: 1) }
            case 4, 5: _ = ticker.grant(slot)
            case 6, 7, 8: _ = ticker.requestSwitch(to: slot, until: ticker.tick + random.next() % 60)
            case 9: ticker.arbiter.cancelSwitch()
            case 10: _ = ticker.requestWayBack()
            case 11: _ = ticker.commit()
            case 12: ticker.arbiter.noteEnvelopeLeft(forLong: false)
            case 13: if ticker.arbiter.isFailsafe { ticker.arbiter.endFailsafe() }
            case 14: ticker.airborne.toggle()
            case 15: if slot != ticker.arbiter.owner { ticker.arbiter.detach(slot) }
            case 16:
                if chance(0.2) { ticker.arbiter.extendReserve(to: ticker.arbiter.reservedEpoch + random.next() % 4) }
            case 17:
                // The core crashes, and the next one goes on.
                if chance(0.3) {
                    ticker.arbiter.takeUp(until: ticker.tick + random.next() % 40)
                    trace.restarts += 1
                }
            default: break
            }
            // Who was connected then comes back, sometimes as another process.
            if ticker.arbiter.isTakingUp, ticker.arbiter.slots[slot].role == .listening, chance(0.3) {
                ticker.arbiter.connect(slot, pid: chance(0.8) ? 1 : 2)
            }
            for slot in 0..<4 where ticker.arbiter.slots[slot].isConnected {
                if chance(zeal[slot]) { ticker.answer(slot, state: ticker.tick > 3 ? ticker.tick - 1 : 0) }
                if chance(0.05) {
                    // A hostile or confused one: any epoch, any tick, any value.
                    let values: [Float] = [0, 1, 0.5, .nan, .infinity, -1, 2]
                    var motors = Motors(repeating: values[Int(random.next() % 7)])
                    motors[1] = values[Int(random.next() % 7)]
                    let command = ticker.command(
                        slot, tick: ticker.tick &+ 3 &- random.next() % 6, epoch: random.next() % 140,
                        state: random.next() % (ticker.tick + 5), motors: motors)
                    let fate = ticker.take(command, from: slot)
                    if fate == .fresh, slot != ticker.arbiter.owner || command.epoch != ticker.arbiter.epoch {
                        trace.faults.append("a stranger's command is fresh")
                    }
                }
            }
            let before = ticker.arbiter
            let origin = ticker.serve(skipping: chance(0.03) ? random.next() % 9 : 0)
            if origin == .fresh { trace.fresh += 1 }
            if let served = ticker.served {
                let slot = before.slots[before.owner]
                if slot.grant != before.epoch || slot.commandEpoch != before.epoch {
                    trace.faults.append("served without grant")
                }
                if slot.commandTick < before.switchTick { trace.faults.append("served from before its time") }
                if !served.motors.isCommand { trace.faults.append("served out of range") }
            }
            check(ticker, before, &epoch, &owner, &granted, &trace)
        }
        return trace
    }

    private func check(
        _ ticker: Ticker, _ before: Arbiter, _ epoch: inout UInt64, _ owner: inout Int, _ granted: inout Set<UInt64>,
        _ trace: inout Trace
    ) {
        let arbiter = ticker.arbiter
        let grants = (0..<4).filter { arbiter.slots[$0].grant != 0 }
        if grants.count > 1 { trace.faults.append("two grants") }
        // A closed owner keeps its place while its loss is held out, but no grant.
        if arbiter.owner != Arbiter.nobody, arbiter.slots[arbiter.owner].grant != arbiter.epoch,
            arbiter.slots[arbiter.owner].grant != 0
        {
            trace.faults.append("the owner's grant is not the epoch")
        }
        if let only = grants.first, only != arbiter.owner { trace.faults.append("a grant beside the owner") }
        if arbiter.epoch != 0 && arbiter.epoch < epoch { trace.faults.append("the epoch fell") }
        if arbiter.epoch > arbiter.reservedEpoch { trace.faults.append("an epoch beyond the reserve") }
        if arbiter.owner == arbiter.standby && arbiter.owner != Arbiter.nobody { trace.faults.append("standby owns") }
        // Behind a restart of the core the standby is waited for.
        if arbiter.standby != Arbiter.nobody, !arbiter.isTakingUp, !arbiter.slots[arbiter.standby].isConnected,
            arbiter.slots[arbiter.standby].role != .listening
        {
            trace.faults.append("a standby without a connection")
        }
        if arbiter.isFailsafe && arbiter.owner != Arbiter.nobody { trace.faults.append("failsafe beside an owner") }
        if arbiter.owner != owner, arbiter.owner != Arbiter.nobody {
            if !granted.insert(arbiter.epoch).inserted { trace.faults.append("an epoch twice") }
            if owner != Arbiter.nobody { trace.switches += 1 }
        }
        if arbiter.cause == .restarted, before.cause != .restarted { trace.returns += 1 }
        if arbiter.epoch > epoch, epoch != 0, granted.contains(arbiter.epoch), arbiter.owner == owner {
            trace.faults.append("an epoch twice for the same owner")
        }
        if arbiter.wayBackTick != before.wayBackTick { trace.waysBack += 1 }
        if arbiter.isFailsafe && !before.isFailsafe { trace.failsafes += 1 }
        epoch = max(epoch, arbiter.epoch)
        owner = arbiter.owner
    }

    @Test func invariantsHoldInThousandsOfSchedules() {
        var total = Trace()
        for seed in UInt64(1)...4000 {
            let trace = run(seed: seed)
            #expect(trace.faults.isEmpty, "seed \(seed): \(trace.faults.prefix(3))")
            total.switches += trace.switches
            total.waysBack += trace.waysBack
            total.failsafes += trace.failsafes
            total.fresh += trace.fresh
            total.restarts += trace.restarts
            total.returns += trace.returns
        }
        // The schedules do reach what they are to prove.
        #expect(total.switches > 1000 && total.waysBack > 200 && total.failsafes > 1000 && total.fresh > 100_000)
        #expect(total.restarts > 1000 && total.returns > 100)
    }
}
