import Airframe
import CContract
import Contract
import FlightCore
import Simulator
import Testing

/// A core dies in flight and another one goes on, at register level and in virtual time.
@Suite struct TakeUpTests {
    /// In the air with an owner in slot 0, pid 1.
    private func flying(_ seed: UInt64 = 1) throws -> Rig {
        let rig = Rig(seed: seed)
        let controller = TruthController(rig.world.parameters.airframe)
        try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
        #expect(rig.tick.arm() == .none)
        rig.run(50)
        #expect(rig.tick.takeOff(to: 4) == .none)
        try #require(rig.run(until: { rig.mode == .fly }, limit: 5000))
        rig.pilot = da_setpoint(roll: 0.2, pitch: 0, yaw_rate: 0, climb: 0)
        rig.run(200)
        return rig
    }

    /// As `flying`, and behind a switch to slot 1, with slot 0 as its standby.
    private func inProbation() throws -> Rig {
        let rig = try flying()
        let controller = TruthController(rig.world.parameters.airframe)
        var cut = rig.status.tick
        rig.connect(1) { reply($0, controller.motors($0, $1), stateTick: cut) }
        cut = rig.status.tick
        rig.run(100)
        #expect(rig.tick.requestSwitch(to: 1, within: 200) == .none)
        try #require(rig.run(until: { rig.tick.arbiter.owner == 1 }, limit: 300))
        return rig
    }

    @Test func theFlightGoesOn() throws {
        let rig = try flying()
        let (before, writes) = (rig.status, rig.world.motorLog.records.count)
        let transfers = rig.world.transfers
        rig.crash(dead: 10)
        #expect(rig.status.tick == before.tick && rig.mode == .fly)
        rig.step()
        #expect(rig.status.tick == before.tick + 11 && rig.status.ticks_skipped == before.ticks_skipped + 10)
        // The very first tick reads and drives; no chip is set up anew, and no motor was told to stop.
        #expect(rig.world.motorLog.records.count == writes + 1)
        #expect(rig.world.transfers - transfers <= 3)
        let write = try #require(rig.world.motorLog.records.last)
        #expect(write.isComplete && write.flags.contains(.outputsEnabled) && !write.flags.contains(.asleep))
        #expect(write.pulse.min() > 150_000)
        // Its owner is its owner for all who ask, before it is back.
        #expect(rig.status.instance.0.role == InstanceRole.owner.rawValue)
        rig.run(10)
        rig.tick.arbiter.connect(0, pid: 1)
        rig.run(2)
        #expect(rig.status.owner_epoch == before.owner_epoch + 1 && !rig.tick.arbiter.isTakingUp)
        #expect(rig.status.cause == SwitchCause.restarted.rawValue)
        let failsafe = rig.status.ticks_failsafe
        rig.run(1000)
        #expect(rig.status.ticks_failsafe == failsafe && rig.mode == .fly && rig.world.truth.crash == nil)
        #expect(abs(rig.world.truth.attitude.roll - 0.2) < 0.1, "the pilot's stick counts on")
        #expect(rig.world.truth.altitude > 2)
    }

    @Test func whatWasMeasuredIsKept() throws {
        let rig = try flying()
        let state = rig.tick.state
        let bias = rig.tick.sensors.bias.bias
        rig.crash(dead: 10)
        rig.step()
        #expect(rig.tick.sensors.bias.bias == bias && rig.tick.sensors.barometer.isReady)
        #expect(rig.tick.sensors.pressure > 90_000)
        // Over the gap the filter coasts.
        #expect(abs(rig.tick.state.height - state.height) < 0.1 && rig.tick.state.datum == state.datum)
        #expect(abs(rig.tick.state.attitude.roll - Float(rig.world.truth.attitude.roll)) < 0.05)
    }

    /// Whoever held the former epoch, also the owner itself, gets nothing for it.
    @Test func theFormerEpochIsStale() throws {
        let rig = try flying()
        let old = rig.status.owner_epoch
        rig.crash(dead: 5)
        let honest = rig.answer[0]
        rig.answer[0] = { sample, truth in
            var command = honest(sample, truth)
            command?.epoch = old
            return command
        }
        rig.step()
        rig.tick.arbiter.connect(0, pid: 1)
        rig.run(5)
        #expect(rig.status.stale_refused >= 5 && rig.tick.arbiter.isTakingUp)
        rig.answer[0] = honest
        rig.run(3)
        #expect(!rig.tick.arbiter.isTakingUp && rig.status.owner_epoch == old + 1)
    }

    /// Another process at the owner's socket is not who flew.
    @Test func aStrangerIsNotTheOwner() throws {
        let rig = try flying()
        rig.crash(dead: 5)
        rig.step()
        rig.tick.arbiter.connect(0, pid: 2)
        rig.run(60)
        #expect(rig.tick.arbiter.slots[0].grant == 0 && rig.tick.arbiter.isTakingUp)
        rig.run(200)
        #expect(rig.mode == .failsafe && rig.status.cause == SwitchCause.gone.rawValue)
    }

    @Test func anOwnerThatDoesNotReturnIsReplacedByTheFailsafe() throws {
        let rig = try flying()
        rig.crash(dead: 10)
        rig.run(120)
        #expect(rig.mode == .fly && rig.tick.arbiter.isTakingUp)
        #expect(rig.run(until: { rig.mode == .failsafe }, limit: 20))
        #expect(rig.tick.arbiter.owner == Arbiter.nobody)
        #expect(rig.run(until: { rig.mode == .disarmed }, limit: 20_000))
        #expect(rig.world.truth.crash == nil)
    }

    @Test func aSecondCrashWithinASecondLands() throws {
        let rig = try flying()
        rig.crash(dead: 5)
        rig.step()
        rig.tick.arbiter.connect(0, pid: 1)
        rig.run(300)
        #expect(rig.mode == .fly)
        rig.crash(dead: 5)
        rig.step()
        #expect(rig.mode == .failsafe && rig.tick.arbiter.owner == Arbiter.nobody)
        rig.tick.arbiter.connect(0, pid: 1)
        rig.run(100)
        #expect(rig.mode == .failsafe && rig.tick.arbiter.slots[0].grant == 0)
        // A third one goes on with the landing.
        rig.crash(dead: 5)
        #expect(rig.run(until: { rig.mode == .disarmed }, limit: 20_000))
        #expect(rig.world.truth.crash == nil)
    }

    @Test func aSecondCrashLaterIsAFirst() throws {
        let rig = try flying()
        for _ in 0..<3 {
            rig.crash(dead: 5)
            rig.step()
            rig.tick.arbiter.connect(0, pid: 1)
            rig.run(520)
            #expect(rig.mode == .fly && !rig.tick.arbiter.isTakingUp)
        }
        #expect(rig.status.owner_epoch == 4)
    }

    @Test func onTheGroundItStaysArmedOrDisarmed() throws {
        let rig = Rig()
        try #require(rig.prepare { sample, _ in reply(sample, Motors(repeating: sample.mode == 0 ? 0 : 0.1)) } == 0)
        rig.crash(dead: 10)
        rig.step()
        rig.tick.arbiter.connect(0, pid: 1)
        rig.run(50)
        #expect(rig.mode == .disarmed && rig.tick.arbiter.owner == 0 && rig.status.arming_refused == 0)
        #expect(rig.tick.arm() == .none)
        rig.run(500)
        rig.crash(dead: 10)
        rig.run(20)
        // Idle is held: on the ground the failsafe would lift off.
        #expect(rig.mode == .armed && abs(rig.tick.sample(for: 0).applied.0 - 0.1) < 1e-6)
        rig.run(200)
        #expect(rig.mode == .disarmed && rig.world.motorLog.records.last?.pulse[0] ?? 0 < 126_000)
    }

    @Test func aPulledKillLineStaysPulled() throws {
        let rig = try flying()
        rig.world.lineLevels[Int(DA_LINE_KILL.rawValue)] = 1
        rig.run(5)
        #expect(rig.mode == .disarmed)
        rig.crash(dead: 1)
        rig.step()
        #expect(rig.mode == .disarmed && rig.status.arming_refused & UInt32(DA_ARMING_KILL.rawValue) != 0)
    }

    /// The standby of a probation is one again, and the way back leads to it.
    @Test func aProbationGoesOn() throws {
        let rig = try inProbation()
        rig.run(20)
        rig.crash(dead: 5)
        rig.step()
        #expect(rig.status.in_probation == 1 && rig.status.instance.0.role == InstanceRole.standby.rawValue)
        rig.tick.arbiter.connect(1, pid: 1)
        rig.run(5)
        #expect(!rig.tick.arbiter.isTakingUp && rig.status.in_probation == 1)
        // The standby comes back behind its owner.
        rig.tick.arbiter.connect(0, pid: 1)
        rig.run(5)
        #expect(rig.status.instance.0.role == InstanceRole.standby.rawValue)
        #expect(rig.tick.arbiter.owner == 1 && rig.status.in_probation == 1 && rig.status.owner_epoch == 3)
        rig.tick.arbiter.disconnect(1)
        rig.run(2)
        #expect(rig.tick.arbiter.owner == 0 && rig.status.in_probation == 0 && rig.status.owner_epoch == 4)
        rig.run(500)
        #expect(rig.mode == .fly && rig.world.truth.crash == nil)
    }

    /// Whoever asked for the switch is told, and the old owner flies on.
    @Test func aPendingSwitchIsForgotten() throws {
        let rig = try flying()
        let controller = TruthController(rig.world.parameters.airframe)
        rig.connect(1) { reply($0, controller.motors($0, $1)) }
        rig.run(5)
        #expect(rig.tick.requestSwitch(to: 1, within: 2000) == .none)
        rig.run(3)
        #expect(rig.status.switch_pending == 1)
        rig.crash(dead: 5)
        rig.step()
        rig.tick.arbiter.connect(0, pid: 1)
        rig.tick.arbiter.connect(1, pid: 1)
        rig.run(100)
        #expect(rig.status.switch_pending == 0 && rig.status.cause == SwitchCause.expired.rawValue)
        #expect(rig.tick.arbiter.owner == 0 && rig.mode == .fly)
    }

    /// A standby that does not return ends the probation: there is no way back to it.
    @Test func aStandbyThatDoesNotReturnIsNone() throws {
        let rig = try inProbation()
        rig.crash(dead: 5)
        rig.step()
        rig.tick.arbiter.connect(1, pid: 1)
        rig.tick.arbiter.connect(0, pid: 2)
        rig.run(140)
        #expect(rig.tick.arbiter.owner == 1 && rig.status.in_probation == 0 && rig.mode == .fly)
    }

    /// The new owner does not return, its standby does.
    @Test func theStandbyTakesOverFromWhoDoesNotReturn() throws {
        let rig = try inProbation()
        rig.crash(dead: 5)
        rig.step()
        rig.tick.arbiter.connect(0, pid: 1)
        rig.run(200)
        #expect(rig.tick.arbiter.owner == 0 && rig.mode == .fly && rig.status.way_back_tick > 0)
        rig.run(500)
        #expect(rig.world.truth.crash == nil)
    }
}

extension Rig {
    /// The core dies behind its last tick; `ticks` later another one goes on. Its instances are gone.
    func crash(dead ticks: UInt64) {
        let kept = tick.kept()
        skip(ticks)
        world.advance(to: (number + ticks + 1) * period)
        tick = FlightTick(
            board: board, bus: world.bus(0), motorBus: world.bus(world.parameters.wiring.motorBus),
            lines: world.lines(), edges: world.edges(), clock: world.clock(), lastEpoch: kept.arbiter.lastEpoch,
            reservedEpoch: kept.arbiter.reservedEpoch)
        tick.takeUp(kept, now: world.now)
    }
}
