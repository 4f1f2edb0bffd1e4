import Contract
import FlightCore
import FlightLog
import Testing

/// Logs that the core's recorder wrote, read again and judged.
@Suite struct LogJudgeTests {
    /// Two owners in turn, from the ground to the ground.
    private func flight(_ change: (Recorded) -> Void = { _ in }) throws -> [UInt8] {
        let log = try Recorded()
        for tick in 1...20 { log.tick(UInt64(tick), origin: .nobody) }
        for tick in 21...120 { log.tick(UInt64(tick)) }
        change(log)
        for tick in 131...230 { log.tick(UInt64(tick), slot: 1, epoch: 2, cause: .requested) }
        for tick in 231...250 { log.tick(UInt64(tick), slot: 1, epoch: 2, origin: .nobody, cause: .requested) }
        return try log.bytes()
    }

    /// Ten ticks of the first owner.
    private func whole(_ log: Recorded) { for tick in 121...130 { log.tick(UInt64(tick)) } }

    private func judged(_ bytes: [UInt8], chunk: Int = 1 << 20) -> LogVerdict {
        var judge = LogJudge()
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            judge.read(Array(bytes[start..<min(start + chunk, bytes.count)]))
        }
        return judge.finish()
    }

    @Test func aWholeFlightHolds() throws {
        let bytes = try flight(whole)
        let verdict = judged(bytes)
        #expect(verdict.holds && verdict.ticks == 210 && !verdict.isCut, "\(verdict.reasons)")
        #expect(verdict.missed == 0 && verdict.doubled == 0 && verdict.twoOwner == 0 && verdict.pastEpochs == 0)
        #expect(verdict.held == 0 && verdict.late == 0 && verdict.failsafe == 0)
        #expect(abs(verdict.worstGap - 0.002) < 1e-9)
        #expect(verdict.watches.map(\.name) == ["v1", "v2"] && verdict.watches.map(\.epoch) == [1, 2])
        #expect(verdict.watches.map(\.firstTick) == [1, 131] && verdict.watches.map(\.lastTick) == [130, 250])
        #expect(verdict.watches.map(\.cause) == ["none", "requested"])
        #expect(abs(verdict.watches[1].from - 0.26) < 1e-9 && abs(verdict.watches[1].to - 0.498) < 1e-9)
        // In whatever parts it comes.
        #expect(judged(bytes, chunk: 1) == verdict && judged(bytes, chunk: 17) == verdict)
    }

    @Test func eachFaultIsCounted() throws {
        let absent = judged(try flight { log in for tick in 121...127 { log.tick(UInt64(tick)) } })
        #expect(absent.missed == 3 && !absent.holds && abs(absent.worstGap - 0.008) < 1e-9)
        #expect(absent.reasons == ["3 of 207 ticks are missed."])
        let failed = judged(
            try flight { log in
                for tick in 121...129 { log.tick(UInt64(tick)) }
                log.tick(130, result: -110)
            })
        #expect(failed.missed == 1 && !failed.holds && abs(failed.worstGap - 0.004) < 1e-9)
        let doubled = judged(
            try flight { log in
                whole(log)
                log.tick(130)
            })
        #expect(doubled.doubled == 1 && doubled.missed == 0 && !doubled.holds)
        let held = judged(
            try flight { log in
                for tick in 121...128 { log.tick(UInt64(tick)) }
                log.tick(129, origin: .late)
                log.tick(130, origin: .held)
            })
        #expect(held.held == 1 && held.late == 1 && !held.holds)
        let failsafe = judged(try flight { log in for tick in 121...130 { log.tick(UInt64(tick), origin: .failsafe) } })
        #expect(failsafe.failsafe == 10 && failsafe.holds)
        #expect(failsafe.watches.map(\.name) == ["v1", "failsafe", "v2"])
    }

    @Test func anEpochHasOneOwnerAndNeverComesBack() throws {
        let two = judged(
            try flight { log in
                for tick in 121...125 { log.tick(UInt64(tick)) }
                for tick in 126...130 { log.tick(UInt64(tick), slot: 1) }
            })
        #expect(two.twoOwner == 5 && !two.holds)
        let past = judged(
            try flight { log in
                for tick in 121...125 { log.tick(UInt64(tick), epoch: 3) }
                for tick in 126...130 { log.tick(UInt64(tick), epoch: 1) }
            })
        // Those five, and the second owner's hundred, whose epoch is below 3 too; on the ground nobody counts.
        #expect(past.pastEpochs == 105 && past.twoOwner == 0 && !past.holds, "\(past)")
    }

    @Test func aLogThatIsCutAnywhereIsReadAsFarAsItGoes() throws {
        let bytes = try flight(whole)
        var ticks = 0
        for count in 0..<bytes.count where count % 7 == 0 || count < 64 {
            let verdict = judged(Array(bytes.prefix(count)))
            #expect(verdict.ticks >= ticks && verdict.faults.isEmpty == (count >= 16))
            #expect(count < 16 || verdict.doubled + verdict.missed + verdict.twoOwner == 0)
            ticks = verdict.ticks
        }
        #expect(ticks == 210)
        #expect(judged(Array(bytes.dropLast(3))).isCut)
    }

    @Test func whatIsNoLogIsSaid() throws {
        #expect(judged([]).reasons.first == "The log has no ULog's beginning.")
        #expect(
            judged([UInt8]("this is a text and no log at all".utf8)).reasons.first == "The log has no ULog's beginning."
        )
        // Bytes that a disk has spoilt: never a crash, and few pass unseen.
        let bytes = try flight(whole)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var spoilt = bytes
            for _ in 0..<20 { spoilt[Int.random(in: 16..<spoilt.count, using: &generator)] = .random(in: 0...255) }
            let verdict = judged(spoilt)
            #expect(verdict.faults.count <= 100)
        }
    }

    @Test func originsAreTheCores() {
        let origins: [(LogJudge.Origin, Arbiter.Origin)] = [
            (.nobody, .nobody), (.fresh, .fresh), (.late, .late), (.held, .held), (.failsafe, .failsafe),
        ]
        for (read, written) in origins { #expect(read.rawValue == UInt64(written.rawValue)) }
        #expect(LogJudge.Origin(rawValue: 5) == nil && Arbiter.Origin(rawValue: 5) == nil)
    }
}
