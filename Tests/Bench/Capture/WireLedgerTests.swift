import Bench
import Simulator
import Testing

/// What the wires say: of a sound flight nothing, and of each fault its name. The waves are drawn from the motor chip's log.
@Suite struct WireLedgerTests {
    static let board = CaptureBoard(BenchBoard.make())
    private static let rate = 4_000_000

    /// A write per tick, 100 of them, with the pulses that they make.
    static func records(count: UInt64 = 100) -> [MotorRecord] {
        (1000..<1000 + count).map { tick in
            var record = SyntheticFlight.write("a", tick)
            record.effective = (record.stop / turn + 1) * turn
            for motor in 0..<4 { record.pulse[motor] = UInt32(Double(record.off[motor]) * board.count) }
            return record
        }
    }
    private static var turn: UInt64 { UInt64(board.turn) }

    static func judge(_ records: [MotorRecord], spoil: (inout [UInt8]) -> Void = { _ in }) -> CaptureReport {
        guard let first = records.first, let last = records.last else { return CaptureReport() }
        let window = first.stop - 1_000_000..<last.stop + 1_000_000
        var samples = WireSamples(board, rate: rate).make(records, window)
        spoil(&samples)
        var ledger = WireLedger(board)
        var former: UInt8?
        for (index, sample) in samples.enumerated() where sample != former {
            ledger.take(UInt64(index) * 250, UInt32(sample))
            former = sample
        }
        return ledger.ended()
    }

    @Test func aSoundFlightHolds() {
        let report = Self.judge(Self.records())
        #expect(report.holds, "\(report.summary)")
        #expect(report.ticks == 100 && report.completeWrites == 100 && report.incompleteWrites == 0)
        #expect(report.pulses > 1000 && abs(report.gaps.p50 - 2000) < 1)
    }

    @Test func aTickWithoutAWriteIsMissed() {
        var records = Self.records()
        records.remove(at: 40)
        let report = Self.judge(records)
        #expect(report.missed == 1 && report.doubled == 0 && report.ticks == 100 && !report.holds)
    }

    @Test func twoWritesInATickAreDoubled() {
        var records = Self.records()
        var second = records[40]
        second.stop += 600_000
        records.insert(second, at: 41)
        let report = Self.judge(records)
        #expect(report.doubled == 1 && report.missed == 0 && !report.holds)
    }

    /// Late within its tick, and the next on time: neither missed nor doubled.
    @Test func aLateWriteIsStillItsTicks() {
        var records = Self.records()
        records[40].stop += 800_000
        records[40].effective += 2 * Self.turn
        let report = Self.judge(records)
        #expect(report.missed == 0 && report.doubled == 0, "\(report.summary)")
    }

    @Test(arguments: [false, true]) func aTornWriteIsMendedOrNot(isMended: Bool) {
        var records = Self.records()
        var torn = records[40]
        torn.taken = 7
        torn.flags.remove(.complete)
        torn.stop -= 600_000
        if isMended { records.insert(torn, at: 40) } else { records[40] = torn }
        let report = Self.judge(records)
        #expect(report.incompleteWrites == 1)
        #expect(report.torn == (isMended ? 0 : 1) && report.missed == (isMended ? 0 : 1))
    }

    @Test func aPulseThatNoWriteToldIsFound() {
        var records = Self.records()
        records[40].pulse[2] += 20_000
        let report = Self.judge(records)
        #expect(report.pulsesNotTold > 0 && report.firstPulseNotTold != nil && !report.holds)
        #expect(report.missed == 0 && report.doubled == 0 && report.torn == 0)
    }

    @Test func aPulseBehindOutputEnableIsFound() {
        let report = Self.judge(Self.records()) { samples in
            for at in samples.count / 2..<samples.count { samples[at] |= 0b100 }
        }
        #expect(report.pulsesBehindOutputEnable > 0 && !report.holds)
    }

    @Test func anEmptyCaptureDoesNotHold() {
        #expect(!CaptureReport().holds && CaptureReport().summary.contains("There are no motor writes"))
        // No tick is missed where there is none.
        #expect(CaptureReport().junit.xml.contains("failures=\"0\" errors=\"1\""))
    }
}
