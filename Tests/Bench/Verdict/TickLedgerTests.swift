import Bench
import CContract
import FlightCore
import Simulator
import Testing

/// Each fault on paper, found and found at its tick.
@Suite struct TickLedgerTests {
    private typealias Flight = SyntheticFlight
    private let tick: UInt64 = 1020

    @Test func aFlightWithoutFault() {
        let flight = SyntheticFlight()
        let ledger = flight.ledger
        #expect(ledger.counts == [:])
        #expect(ledger.entries.count == 100)
        #expect(ledger.entries.allSatisfy { $0.finding == .served && $0.written > $0.scheduled })
        #expect(ledger.entries.first { $0.owner == "b" }?.tick == flight.switchTick)
    }

    // MARK: Missed

    @Test func noWrite() {
        var flight = SyntheticFlight()
        flight.writes[tick] = []
        #expect(flight.ledger.counts == ["missed": 1])
        #expect(flight.ledger.finding(tick) == .missed)
    }

    @Test(arguments: [MotorRecord.Flags.complete, [.complete, .outputsEnabled, .asleep]])
    func writeThatMovesNoMotor(flags: MotorRecord.Flags) {
        var flight = SyntheticFlight()
        flight.writes[tick]?[0].flags = flags
        #expect(flight.ledger.counts == ["missed": 1], "outputs off, or the chip asleep")
    }

    @Test func tickThatWasSleptThrough() {
        var flight = SyntheticFlight()
        for name in ["a", "b"] { flight.logs[name]?.removeAll { $0.tick == tick } }
        flight.writes[tick] = []
        #expect(flight.ledger.counts == ["missed": 1])
        #expect(flight.ledger.finding(tick) == .missed)
    }

    /// The ticks behind the last that anybody logged are judged as well.
    @Test func allContainersEndInFlight() {
        var flight = SyntheticFlight()
        for name in ["a", "b"] { flight.logs[name]?.removeAll { $0.tick >= 1090 } }
        for tick in 1090..<1100 as Range<UInt64> { flight.writes[tick] = [] }
        #expect(flight.ledger.counts == ["missed": 10])
    }

    @Test func containersLogOnlyTheFlightsEnd() {
        var flight = SyntheticFlight()
        for name in ["a", "b"] { flight.logs[name]?.removeAll { $0.tick < 1010 } }
        #expect(flight.ledger.entries.count == 100)
        #expect(flight.ledger.counts == ["failsafe": 10])
    }

    @Test func logsThatCannotBe() {
        var flight = SyntheticFlight()
        flight.logs["a"]?[5].tick = .max
        #expect(flight.ledger.entries.isEmpty)
        #expect(flight.report.verdict == .fails)
    }

    // MARK: Doubled, torn

    @Test func twoWrites() {
        var flight = SyntheticFlight()
        flight.writes[tick]?.append(Flight.write("a", tick, after: 1_500_000))
        #expect(flight.ledger.counts == ["doubled": 1])
        #expect(flight.ledger.finding(tick) == .served)
    }

    @Test func tornAndRepaired() {
        var flight = SyntheticFlight()
        flight.writes[tick]?[0].flags = [.outputsEnabled]
        flight.writes[tick]?.append(Flight.write("a", tick, after: 1_500_000))
        #expect(flight.ledger.counts == ["torn": 1])
    }

    @Test func tornAndLeft() {
        var flight = SyntheticFlight()
        flight.writes[tick]?[0].flags = [.outputsEnabled]
        #expect(flight.ledger.counts == ["torn": 1, "missed": 1])
    }

    // MARK: Late, held

    @Test func lateOnceThenHeld() {
        var flight = SyntheticFlight()
        for behind in 0..<4 as Range<UInt64> {
            flight.writes[tick + behind] = [Flight.write("a", tick - 1, endingIn: tick + behind)]
        }
        #expect(flight.ledger.counts == ["late": 1, "held": 3])
        #expect(flight.ledger.finding(tick) == .late)
        #expect(flight.ledger.finding(tick + 1) == .held)
    }

    /// The command for the sample before serves once, however long the machine slept since; not when there was a sample
    /// between.
    @Test(arguments: [true, false]) func lateBehindASleep(sleeps: Bool) {
        var flight = SyntheticFlight()
        flight.writes[tick - 1] = [Flight.write("a", tick - 2, endingIn: tick - 1)]
        for slept in tick...tick + 1 {
            for name in sleeps ? ["a", "b"] : ["a"] { flight.logs[name]?.removeAll { $0.tick == slept } }
            flight.writes[slept] = []
        }
        flight.writes[tick + 2] = [Flight.write("a", tick - 1, endingIn: tick + 2)]
        // It ends behind the slept ticks and may be counted to the last of them.
        let findings = [tick + 1, tick + 2].map(flight.ledger.finding)
        #expect(findings.contains(sleeps ? .late : .stale), "\(findings)")
        #expect(flight.ledger.stale == (sleeps ? 0 : 1))
    }

    @Test func heldForAnOwnerThatComputedNothing() {
        var flight = SyntheticFlight()
        flight.logs["a"]?.removeAll { $0.tick == tick }
        flight.writes[tick] = [Flight.write("a", tick - 1, endingIn: tick)]
        #expect(flight.ledger.counts == ["held": 1])
    }

    /// What belongs to a tick is late if it came after the tick's end, and is not the next tick's second write.
    @Test func overrunWrite() {
        var flight = SyntheticFlight()
        flight.writes[tick] = [Flight.write("a", tick, after: Flight.period + 100_000)]
        #expect(flight.ledger.counts == ["late": 1])
        #expect(flight.ledger.finding(tick) == .late)
        #expect(flight.ledger.finding(tick + 1) == .served)
    }

    /// Three ticks, three writes, one command: nothing was doubled though two writes ended in one tick.
    @Test func twoOverrunsOfEqualCommands() {
        var flight = SyntheticFlight()
        let motors = Flight.motors("a", tick)
        for index in 20..<23 { flight.logs["a"]?[index].motor = motors }
        flight.writes[tick] = [Flight.write("a", tick, after: Flight.period + 100_000)]
        flight.writes[tick + 1] = [Flight.write("a", tick, endingIn: tick + 2, after: 100_000)]
        flight.writes[tick + 2] = [Flight.write("a", tick, endingIn: tick + 2)]
        #expect(flight.ledger.counts == ["late": 2])
        #expect(flight.ledger.finding(tick + 2) == .served)
    }

    /// As above, but with one write more than ticks.
    @Test func doubledBehindAnOverrun() {
        var flight = SyntheticFlight()
        let motors = Flight.motors("a", tick)
        for index in 20..<22 { flight.logs["a"]?[index].motor = motors }
        flight.writes[tick] = [Flight.write("a", tick, after: Flight.period + 100_000)]
        flight.writes[tick + 1] = [400_000, 900_000].map { Flight.write("a", tick, endingIn: tick + 1, after: $0) }
        #expect(flight.ledger.counts == ["late": 1, "doubled": 1])
    }

    /// The machine slept while a write was under way: that write and the next tick's own end in one tick.
    @Test func overrunWriteBehindASleep() {
        var flight = SyntheticFlight()
        for slept in tick + 1...tick + 3 {
            for name in ["a", "b"] { flight.logs[name]?.removeAll { $0.tick == slept } }
            flight.writes[slept] = []
        }
        flight.writes[tick] = [Flight.write("a", tick, endingIn: tick + 4, after: 100_000)]
        #expect(flight.ledger.counts == ["late": 1, "missed": 3])
        #expect(flight.ledger.finding(tick) == .late)
        #expect(flight.ledger.finding(tick + 4) == .served)
        flight.writes[tick + 4]?.append(Flight.write("a", tick + 4, endingIn: tick + 4, after: 1_500_000))
        #expect(flight.ledger.doubled == 1, "a write more than ticks")
        for name in ["a", "b"] { flight.logs[name]?.append(Flight.record(name, tick + 2, epoch: name == "a" ? 1 : 0)) }
        flight.writes[tick + 4]?.removeLast()
        #expect(flight.ledger.doubled == 1, "it woke between, and held its write back")
    }

    /// As above, while the core holds the vehicle itself until its owner is back.
    @Test func overrunWriteOfTheFailsafe() {
        var flight = SyntheticFlight()
        for name in ["a", "b"] { flight.logs[name]?.removeAll { $0.tick == tick } }
        let motors = Flight.motors("b", tick)
        flight.logs[TickLedger.failsafe] = [Flight.record("b", tick, epoch: 1)]
        flight.writes[tick] = [Flight.write(motors, stop: Flight.time(tick + 1) + 100_000)]
        #expect(flight.ledger.counts == ["failsafe": 1])
        #expect(flight.ledger.finding(tick) == .failsafe)
    }

    @Test func everyWriteOverruns() {
        var flight = SyntheticFlight()
        for tick in flight.writes.keys {
            flight.writes[tick] = [
                Flight.write(tick < flight.switchTick ? "a" : "b", tick, after: Flight.period + 100_000)
            ]
        }
        #expect(flight.ledger.counts == ["late": 100])
        #expect(flight.report.verdict == .fails)
    }

    // MARK: Foreign, stale, nobody's

    @Test func shadowsCommand() {
        var flight = SyntheticFlight()
        flight.writes[tick] = [Flight.write("b", tick)]
        flight.writes[tick + 5] = [Flight.write("b", tick + 4, endingIn: tick + 5)]
        #expect(flight.ledger.counts == ["two_owner": 2])
        #expect(flight.ledger.finding(tick) == .foreign)
        #expect(flight.ledger.finding(tick + 5) == .foreign)
    }

    @Test func shadowsCommandAheadOfTheOwners() {
        var flight = SyntheticFlight()
        flight.writes[tick]?.insert(Flight.write("b", tick, after: 500_000), at: 0)
        #expect(flight.ledger.counts == ["two_owner": 1, "doubled": 1])
    }

    @Test func twoContainersWithOneEpoch() {
        var flight = SyntheticFlight()
        flight.logs["b"]?[20].epoch = 1
        #expect(flight.ledger.counts == ["two_owner": 1], "though only one of them was written")
        #expect(flight.ledger.entries[20].isTwoOwner)
        flight.writes[tick] = [Flight.write("b", tick)]
        #expect(flight.ledger.counts == ["two_owner": 1])
        #expect(flight.ledger.finding(tick) == .foreign)
    }

    @Test func staleOwnersCommandForThisSample() {
        var flight = SyntheticFlight()
        flight.logs["a"]?[70].epoch = 1
        #expect(flight.ledger.counts == [:], "claimed and refused")
        flight.writes[1070] = [Flight.write("a", 1070)]
        #expect(flight.ledger.counts == ["stale": 1, "two_owner": 1])
        #expect(flight.ledger.finding(1070) == .stale)
    }

    @Test func staleOwnersCommandFromBeforeTheSwitch() {
        var flight = SyntheticFlight()
        flight.writes[1053] = [Flight.write("a", 1047, endingIn: 1053)]
        #expect(flight.ledger.counts == ["stale": 1])
        #expect(flight.ledger.finding(1053) == .stale)
    }

    /// An epoch that was superseded never comes back, even if its successor falls silent.
    @Test func staleOwnerBehindASilentSuccessor() {
        var flight = SyntheticFlight()
        flight.logs["b"]?.removeAll { $0.tick >= 1080 }
        for tick in 1080..<1100 as Range<UInt64> {
            flight.logs["a"]?[Int(tick - Flight.first)].epoch = 1
            flight.writes[tick] = [Flight.write("a", tick)]
        }
        #expect(flight.ledger.counts == ["stale": 20, "two_owner": 20])
    }

    @Test func ownersOutdatedCommand() {
        var flight = SyntheticFlight()
        flight.writes[tick] = [Flight.write("a", tick - 6, endingIn: tick)]
        #expect(flight.ledger.counts == ["stale": 1])
    }

    @Test func nobodysValues() {
        var flight = SyntheticFlight()
        flight.writes[tick] = [Flight.write((0.9, 0.1, 0.9, 0.1), stop: Flight.time(tick) + 1_000_000)]
        #expect(flight.ledger.counts == ["failsafe": 1])
    }

    /// In a hover commands differ by a count or two: the failsafe's own are now and then those of another tick or of a
    /// shadow. By its log they are its own; a command that is not in it stays an old one.
    @Test(arguments: [true, false]) func failsafeThatHappensToMakeOldPulses(hasLog: Bool) {
        var flight = SyntheticFlight()
        let (old, foreign, leak) = (UInt64(1085), UInt64(1088), UInt64(1091))
        flight.logs["b"]?.removeAll { $0.tick >= 1080 }
        for tick in 1080..<1100 as Range<UInt64> {
            let level = 0.9 + 0.004 * Float(tick - 1080)
            var motors = (level, level, level, level)
            if tick == old { motors = Flight.motors("b", 1077) }
            if tick == foreign { motors = Flight.motors("a", tick) }
            flight.writes[tick] = [Flight.write(motors, stop: Flight.time(tick) + 1_000_000)]
            let record = da_command_record(tick: tick, sample_ns: Flight.time(tick), epoch: 3, motor: motors)
            if hasLog { flight.logs[TickLedger.failsafe, default: []].append(record) }
        }
        flight.writes[leak] = [Flight.write("b", 1076, endingIn: leak)]
        let ledger = flight.ledger
        #expect(
            ledger.counts
                == (hasLog ? ["failsafe": 19, "stale": 1] : ["failsafe": 17, "stale": 2, "two_owner": 1]))
        #expect(ledger.finding(leak) == .stale)
        #expect(ledger.finding(old) == (hasLog ? .failsafe : .stale))
        #expect(ledger.finding(foreign) == (hasLog ? .failsafe : .foreign))
        #expect(ledger.entries.last?.owner == (hasLog ? TickLedger.failsafe : "b"))
    }

    /// The owner is killed before its last twenty commands are in its log; one of them makes the pulses of an old one,
    /// one those of the shadow's.
    @Test func anOwnersLastCommandsThatWereNotWritten() {
        var flight = SyntheticFlight()
        let (old, foreign, past) = (UInt64(1085), UInt64(1088), UInt64(1091))
        flight.logs["b"]?.removeAll { $0.tick >= 1080 }
        for tick in 1080..<1100 as Range<UInt64> {
            let level = 0.9 + 0.004 * Float(tick - 1080)
            flight.writes[tick] = [Flight.write((level, level, level, level), stop: Flight.time(tick) + 1_000_000)]
        }
        flight.writes[old] = [Flight.write("b", 1077, endingIn: old)]
        flight.writes[foreign] = [Flight.write("a", foreign)]
        flight.logs["a"]?[Int(past - Flight.first)].epoch = 1
        flight.writes[past] = [Flight.write("a", past)]
        #expect(flight.ledger.counts == ["failsafe": 17, "stale": 2, "two_owner": 2])
        let forgiving = flight.ledger(unwritten: 50_000_000)
        #expect(
            forgiving.counts == ["failsafe": 19, "stale": 1, "two_owner": 1], "a past owner's claim is one all the same"
        )
        #expect(forgiving.finding(past) == .stale)
        #expect(flight.ledger(unwritten: 10_000_000).finding(old) == .stale, "so late it would have been written")
    }

    /// Behind a restart the core holds the vehicle itself until the owner is back, whose epoch it still is.
    @Test func failsafeInItsOwnersEpoch() {
        var flight = SyntheticFlight()
        for tick in 1080..<1085 as Range<UInt64> {
            flight.logs["b"]?.removeAll { $0.tick == tick }
            let motors = Flight.motors("b", tick - 20)
            flight.writes[tick] = [Flight.write(motors, stop: Flight.time(tick) + 1_000_000)]
            flight.logs[TickLedger.failsafe, default: []].append(
                da_command_record(tick: tick, sample_ns: Flight.time(tick), epoch: 2, motor: motors))
        }
        #expect(flight.ledger.counts == ["failsafe": 5])
        #expect(flight.ledger.entries.allSatisfy { $0.owner != TickLedger.failsafe })
    }

    @Test func pulseThatDoesNotBeginAtCountZero() {
        var flight = SyntheticFlight()
        flight.writes[tick]?[0].on[2] = 40
        #expect(flight.ledger.counts == ["failsafe": 1], "it is 40 counts shorter than commanded")
    }

    @Test func commandsThatMakeTheSamePulses() {
        var flight = SyntheticFlight()
        for index in 0..<100 { flight.logs["b"]?[index].motor = Flight.motors("a", Flight.first + UInt64(index)) }
        for tick in flight.writes.keys { flight.writes[tick] = [Flight.write("a", tick)] }
        #expect(flight.ledger.counts == [:], "the motors cannot tell, and the owner's was computed")
    }
}
