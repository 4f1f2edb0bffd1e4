import Airframe
import CContract
import Contract
import FlightCore
import Simulator
import Testing

/// The tick in virtual time: what reaches the chips, whatever goes wrong on the bus.
@Suite struct FlightTickTests {
    private func armed(_ board: da_board = testBoard()) throws -> Rig {
        let rig = Rig(board)
        try #require(rig.prepare { sample, _ in reply(sample, Motors(repeating: sample.mode == 0 ? 0 : 0.1)) } == 0)
        try #require(rig.tick.arm() == .none)
        rig.run(10)
        return rig
    }

    @Test func oneCompleteWriteATick() throws {
        let rig = try armed()
        let before = rig.world.motorLog.records.count
        let tick = rig.status.tick
        rig.run(500)
        let writes = rig.world.motorLog.records[before...]
        #expect(rig.status.tick == tick + 500 && writes.count == 500)
        #expect(writes.allSatisfy { $0.isComplete && $0.result == 0 && $0.count == 16 })
        // Each within the tick that it belongs to.
        #expect(Set(writes.map { $0.stop / rig.period }).count == 500)
        #expect(rig.status.ticks_held == 0 && rig.status.ticks_late == 0 && rig.status.writes_failed == 0)
        let last = try #require(writes.last)
        #expect(abs(last.commands(pulseMin: 125e-6, pulseMax: 250e-6)[0] - 0.1) < 0.002)
    }

    @Test func skippedTicksAreCountedNotMadeUp() throws {
        let rig = try armed()
        let tick = rig.status.tick
        rig.step(skipping: 3)
        #expect(rig.status.tick == tick + 4 && rig.status.ticks_skipped == 3)
        rig.run(10)
        #expect(rig.mode == .armed && rig.status.ticks_held == 0)
    }

    @Test(arguments: [ChipFault.Kind.nackAddress, .nackByte(0), .nackByte(7), .torn(bytes: 9)])
    func aFailedWriteIsRepairedInItsTick(kind: ChipFault.Kind) throws {
        let rig = try armed()
        rig.world.faults.add(ChipFault(kind, .time(0), address: 0x41, direction: .write))
        let tick = rig.number + 1
        rig.step()
        let writes = rig.world.motorLog.records.filter { $0.stop / rig.period == tick }
        #expect(writes.count == 2 && !writes[0].isComplete && writes[1].isComplete)
        #expect(rig.status.writes_failed == 0)
    }

    @Test func aWriteThatFailsTwiceIsCounted() throws {
        let rig = try armed()
        rig.world.faults.add(ChipFault(.nackAddress, .time(0), address: 0x41, direction: .write, repeats: 2))
        rig.step()
        #expect(rig.status.writes_failed == 1)
        rig.step()
        #expect(rig.status.writes_failed == 1)
    }

    /// The bus fails in the very tick in which the motors change hands: the new owner's command is repeated in that tick,
    /// or comes with the next; who owns does not depend on it.
    @Test(arguments: [1, 2]) func aNackInTheTickOfTheSwitch(nacks: Int) throws {
        let rig = try armed()
        rig.connect(1) { sample, _ in reply(sample, Motors(repeating: 0.1), stateTick: sample.tick - 1) }
        rig.run(Int(rig.board.settle_ticks) + 50)
        #expect(rig.tick.requestSwitch(to: 1, within: 100) == .none)
        rig.world.faults.add(
            ChipFault(.nackAddress, .time(0), address: 0x41, direction: .write, repeats: nacks))
        rig.step()
        let switched = rig.number
        #expect(rig.tick.arbiter.owner == 1 && rig.status.switch_tick == switched && rig.status.in_probation == 1)
        let writes = rig.world.motorLog.records.filter { $0.stop / rig.period == switched }
        #expect(writes.count == 2 && !writes[0].isComplete && writes[1].isComplete == (nacks == 1))
        #expect(rig.status.writes_failed == UInt64(nacks - 1))
        rig.run(20)
        let behind = rig.world.motorLog.records.filter { $0.stop / rig.period > switched }
        #expect(behind.count == 20 && behind.allSatisfy(\.isComplete), "each later tick has its one write")
        #expect(rig.tick.arbiter.owner == 1 && rig.status.ticks_held == 0 && rig.status.ticks_late == 0)
    }

    /// What was given up may still reach the chip: no one is switched to before it is known where it went.
    @Test func nobodyIsSwitchedToWhileAMotorWriteIsUnderWay() throws {
        let rig = try armed()
        rig.connect(1) { sample, _ in reply(sample, Motors(repeating: 0.1), stateTick: sample.tick - 1) }
        rig.run(Int(rig.board.settle_ticks) + 50)
        rig.isGuarded = true
        rig.world.faults.add(ChipFault(.hang(milliseconds: 7), .time(0), address: 0x41, direction: .write))
        rig.step()
        #expect(rig.tick.requestSwitch(to: 1, within: 100) == .none)
        var failed: UInt64 = 0
        for _ in 0..<20 where failed < rig.status.writes_failed {
            failed = rig.status.writes_failed
            rig.step()
            #expect(rig.tick.arbiter.owner == 0 && rig.status.switch_pending == 1)
        }
        // The bus is free again and the owner's last command went out: the next may be another's.
        #expect(failed >= 2 && failed == rig.status.writes_failed)
        rig.step()
        #expect(rig.tick.arbiter.owner == 1 && rig.status.switch_tick == rig.number)
    }

    /// The owner falls silent while the bus is busy: what is held then is what the motors have, not what they never got.
    @Test func whatNeverWentOutIsNotHeld() throws {
        let rig = try armed()
        var value: Float = 0.1
        rig.answer[0] = { sample, _ in
            value += 0.01
            return reply(sample, Motors(repeating: value))
        }
        rig.run(5)
        rig.isGuarded = true
        rig.world.faults.add(ChipFault(.hang(milliseconds: 7), .time(0), address: 0x41, direction: .write))
        rig.step()
        let began = rig.tick.sample(for: 0).applied
        rig.step()
        #expect(rig.status.writes_failed == 2 && rig.tick.sample(for: 0).applied.0 == began.0)
        let last = rig.world.motorLog.records.last?.off
        rig.answer[0] = { _, _ in nil }
        var failed: UInt64 = 0
        for _ in 0..<20 where failed < rig.status.writes_failed {
            failed = rig.status.writes_failed
            rig.step()
        }
        #expect(rig.status.ticks_held > 0 && rig.tick.sample(for: 0).applied.0 == began.0)
        let held = rig.world.motorLog.records.last
        #expect(held?.off[0] == rig.tick.encoding.count(began.0) && held?.off[0] ?? 0 > last?[0] ?? 0)
    }

    @Test func aHungTransferCostsItsTimeOnly() throws {
        let rig = try armed()
        rig.world.faults.add(ChipFault(.hang(milliseconds: 10), .time(0), address: 0x68))
        let tick = rig.number
        rig.step()
        #expect(rig.world.now >= (tick + 1) * rig.period + 10_000_000)
        rig.step(skipping: 5)
        rig.run(10)
        #expect(rig.mode == .armed && rig.status.writes_failed == 0 && rig.status.reads_failed == 0)
    }

    @Test func deadSensorsRefuseArming() throws {
        for (address, reason) in [
            (UInt8(0x68), ArmingReasons.imu), (0x76, .barometer), (0x40, .batteryChip), (0x41, .motorChip),
        ] {
            var board = testBoard()
            let parameters = WorldParameters(board: board)
            switch address {
            case 0x68: board.imu_address = 0x69
            case 0x76: board.baro_address = 0x77
            case 0x40: board.battery_address = 0x44
            default: board.motor_address = 0x45
            }
            let rig = Rig(board, parameters: parameters)
            let reasons = ArmingReasons(
                rawValue: rig.prepare { sample, _ in reply(sample, Motors(repeating: 0)) })
            #expect(reasons.contains(reason), "\(reasons.reasons)")
            #expect(rig.tick.arm() == .mayNotArm)
        }
    }

    /// Each chip loses its power for a moment; the core sets it up again by itself.
    @Test(arguments: [UInt8(0x68), 0x76, 0x40, 0x41]) func aBrownOutHeals(address: UInt8) throws {
        let rig = try armed()
        rig.world.brownOut(address)
        var flags = SampleFlags()
        rig.run(60)
        for _ in 0..<400 {
            rig.step()
            flags.formUnion(SampleFlags(rawValue: rig.tick.sample(for: 0).flags))
        }
        #expect(flags.isSuperset(of: [.imuFresh, .barometerFresh, .batteryFresh]))
        #expect(rig.world.motorLog.records.last?.pulse[0] ?? 0 > 130_000, "the motors turn again")
        #expect(rig.world.truth.rotorSpeed.min() > 0.05)
    }

    /// The motors' own is the one that makes it fall: it must be short.
    @Test func aMotorChipIsBackWithinFiftyMilliseconds() throws {
        let rig = Rig()
        let controller = TruthController(rig.world.parameters.airframe)
        try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
        #expect(rig.tick.arm() == .none)
        rig.run(50)
        #expect(rig.tick.takeOff(to: 5) == .none)
        #expect(rig.run(until: { rig.mode == .fly }, limit: 5000))
        rig.world.brownOut(0x41)
        rig.run(25)
        #expect(rig.world.motorChip.width(0) > 150e-6 && !rig.world.motorChip.isAsleep)
        rig.run(1000)
        #expect(rig.world.truth.crash == nil && rig.mode == .fly && rig.world.truth.tilt < 0.3)
    }

    @Test func theSampleTellsWhatIsSo() throws {
        let rig = try armed()
        let sample = rig.tick.sample(for: 0)
        #expect(sample.header.kind == FrameKind.sample.rawValue && sample.header.size == 136)
        #expect(sample.tick == rig.number && sample.scheduled_ns == rig.number * rig.period)
        #expect(sample.sensed_ns > sample.scheduled_ns && sample.sensed_ns < sample.scheduled_ns + rig.period)
        #expect(sample.owner_epoch == 1 && sample.your_epoch == 1 && rig.tick.sample(for: 1).your_epoch == 0)
        #expect(abs(sample.accel.2 + 9.81) < 0.5 && Vector3(sample.gyro).norm < 0.05)
        #expect(sample.applied_tick == rig.number && abs(sample.applied.0 - 0.1) < 1e-6)
        #expect(sample.mode == 1 && sample.flags & 8 != 0)
    }

    @Test func commandsAreLimitedInSlewAndRecorded() throws {
        var board = testBoard()
        board.slew_max = 0.05
        let rig = try armed(board)
        rig.answer[0] = { sample, _ in reply(sample, Motors(repeating: 0.3)) }
        rig.step()
        let record = rig.tick.record(published: 1, commanded: 2)
        #expect(abs(record.motors[0] - 0.15) < 1e-6 && record.isLimited && record.origin == .fresh)
        #expect(record.published == 1 && record.commanded == 2 && record.owner == 0)
        rig.run(5)
        #expect(abs(rig.tick.sample(for: 0).applied.0 - 0.3) < 1e-6)
        #expect(!rig.tick.record(published: 0, commanded: 0).isLimited)
    }

    @Test(arguments: [UInt32(250), 400, 500]) func everyRateFlies(rate: UInt32) throws {
        var board = testBoard()
        board.tick_rate = rate
        let rig = try armed(board)
        let before = rig.world.motorLog.records.count
        rig.run(Int(rate))
        #expect(rig.world.motorLog.records.count == before + Int(rate))
    }

    @Test func theSameSeedGivesTheSameBits() throws {
        func flight() throws -> [MotorRecord] {
            let rig = Rig(seed: 9)
            let controller = TruthController(rig.world.parameters.airframe)
            try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
            _ = rig.tick.arm()
            rig.run(20)
            _ = rig.tick.takeOff(to: 2)
            rig.run(1500)
            rig.tick.arbiter.disconnect(0)
            rig.run(500)
            return rig.world.motorLog.records
        }
        let (first, second) = (try flight(), try flight())
        #expect(first == second && first.count > 2000)
    }
}
