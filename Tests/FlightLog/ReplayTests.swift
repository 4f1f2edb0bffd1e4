import CContract
import Contract
import FlightCore
import FlightLog
import Testing

/// Samples out of logs that the core's recorder wrote, and candidates held against them.
@Suite struct ReplayTests {
    private static let rate = 500.0

    private static var board: da_board {
        var board = da_board()
        board.tick_rate = UInt32(rate)
        board.hash = 0x1234_5678_9ABC_DEF0
        board.vehicle = da_vehicle(
            mass: 1, inertia: (0.0082, 0.0082, 0.0149), motor_x: (0.16, -0.16, 0.16, -0.16),
            motor_y: (0.16, -0.16, -0.16, 0.16), spin: (1, 1, -1, -1), thrust_max: 5.5, moment_ratio: 0.016,
            rotor_lag: 0.02, tilt_limit: 0.61, command_idle: 0.08, reserved: 0)
        return board
    }

    /// A tick with something in every field. In flight it sways twice a second about roll and climbs a little.
    private func record(_ tick: UInt64, _ mode: FlightMode, owner: Int8 = 0) -> TickRecord {
        var sample = da_sample.make()
        sample.tick = tick
        sample.scheduled_ns = 7_000_000_123 + tick * 2_000_000
        sample.sensed_ns = sample.scheduled_ns + 400_000 + tick % 977
        sample.owner_epoch = owner < 0 ? 0 : 3
        let sway = sine(Float(tick % 250) / 250 * 2 * Float.pi - Float.pi)
        sample.gyro = (sway, -0.0, Float(tick) * 1e-7)
        sample.accel = (0.1, sway * 1e-3, -9.80665)
        sample.pressure = 101_325 - Float(tick / 10)
        sample.temperature = 15.5
        sample.battery_voltage = 11.9 - Float(tick / 50) * 1e-3
        sample.battery_current = Float(tick / 51)
        // A zero's sign changes where no number does.
        sample.setpoint = da_setpoint(roll: tick / 100 % 2 == 0 ? 0 : -0.0, pitch: 0.1, yaw_rate: -0.2, climb: 0.3)
        sample.mode = mode.rawValue
        sample.source = UInt8(tick / 700 % 3)
        sample.flags = UInt8(tick % 16)
        var motors = Motors(repeating: mode == .disarmed ? 0 : 0.08)
        if mode == .fly { motors = [0.6 - 0.1 * sway, 0.6 + 0.1 * sway, 0.6 + 0.1 * sway, 0.6 - 0.1 * sway] }
        sample.applied = motors.array
        sample.applied_tick = tick - (tick % 300 == 0 ? 2 : 0)
        var record = TickRecord(sample: sample)
        record.motors = motors
        record.owner = owner
        record.origin = mode == .disarmed ? .nobody : .fresh
        if owner < 0, tick > 20 { record.shadow[0] = motors }
        return record
    }

    /// From the ground, where slot 0 connects at tick 21 and owns from tick 51 on, through 4 s in the air.
    private var flight: [TickRecord] {
        (1...2300).map { tick in
            record(UInt64(tick), tick <= 250 ? .disarmed : tick <= 300 ? .armed : .fly, owner: tick <= 50 ? -1 : 0)
        }
    }

    private func bytes(_ records: [TickRecord], board: da_board = ReplayTests.board) throws -> [UInt8] {
        let log = try Recorded(board)
        for record in records { log.take(record) }
        return try log.bytes()
    }

    private func brief(_ bytes: [UInt8]) throws -> ReplayBrief {
        var reader = ReplayReader()
        reader.read(bytes)
        return try reader.finish()
    }

    private func refusal(_ bytes: [UInt8]) throws -> String {
        try #require(throws: ReplayRefusal.self) { _ = try brief(bytes) }.description
    }

    /// In shadow on the log; `answer` is a candidate's `free`, nil: it is silent.
    private func replayed(_ bytes: [UInt8], _ answer: (LoggedTick) -> Motors?) throws -> ReplayVerdict {
        try judged(bytes) { tick in answer(tick).map { reply(tick, $0) } }
    }

    /// A command in good order.
    private func reply(_ tick: LoggedTick, _ motors: Motors, settled: Bool = true) -> da_command {
        var command = da_command.make()
        (command.tick, command.sample_ns) = (tick.sample.tick, tick.sample.scheduled_ns)
        (command.motor, command.free) = (motors.array, motors.array)
        command.flags = settled ? UInt32(DA_COMMAND_SETTLED.rawValue) : 0
        return command
    }

    private func judged(_ bytes: [UInt8], command: (LoggedTick) -> da_command?) throws -> ReplayVerdict {
        let brief = try brief(bytes)
        var (samples, judge) = (LogSamples(), ReplayJudge(brief.welcome))
        for tick in samples.read(bytes) where tick.sample.tick >= brief.firstTick { judge.take(tick, command(tick)) }
        return judge.finish(brief)
    }

    private func raw(_ sample: da_sample) -> [UInt8] { withUnsafeBytes(of: sample) { Array($0) } }

    @Test func aSampleIsRebuiltToTheBit() throws {
        let bytes = try bytes(flight)
        for chunk in [1 << 20, 97, 1] {
            var (samples, ticks) = (LogSamples(), [LoggedTick]())
            for start in stride(from: 0, to: bytes.count, by: chunk) {
                ticks += samples.read(Array(bytes[start..<min(start + chunk, bytes.count)]))
            }
            #expect(ticks.count == flight.count && samples.fault == nil && !samples.isCut)
            let unequal = zip(ticks, flight).filter { raw($0.sample) != raw($1.sample) }.map(\.0.sample.tick)
            #expect(unequal.isEmpty, "\(unequal.prefix(5))")
            #expect(ticks.first?.time == 0 && abs((ticks.last?.time ?? 0) - 4.598) < 1e-9)
            #expect(ticks[49].owner == nil && ticks[50].owner == 0)
        }
        let welcome = try brief(bytes).welcome
        #expect(welcome.tick_rate == 500 && welcome.board_hash == Self.board.hash)
        let isSame = withUnsafeBytes(of: welcome.vehicle) { read in
            withUnsafeBytes(of: Self.board.vehicle) { read.elementsEqual($0) }
        }
        #expect(isSame)
    }

    /// Where the owner of then began, its state began.
    @Test func itBeginsWhereTheOwnerBegan() throws {
        let whole = try brief(try bytes(flight))
        #expect(whole.firstTick == 21 && whole.ticks == 2280 && abs(whole.seconds - 4.558) < 1e-9 && !whole.isCut)
        // It had begun before the log did.
        let late = try brief(try bytes(Array(flight.dropFirst(100))))
        #expect(late.firstTick == 101 && late.ticks == 2200)
    }

    @Test func whoCommandsTheSameIsLetThrough() throws {
        let verdict = try replayed(try bytes(flight)) { $0.flown ?? Motors(repeating: 0) }
        #expect(verdict.isLetThrough && verdict.sentence.contains("let through"), "\(verdict)")
        #expect(verdict.ticks == 2280 && verdict.unanswered == 0 && verdict.gaps == 0)
        #expect(verdict.compared == 2050 && verdict.identical == 2050 && verdict.worstAt == nil)
        #expect(verdict.command.most == 0 && verdict.angular.rms == 0 && verdict.thrust.rms == 0)
        // 4 s in mode fly, less the 2 s of a time in shadow.
        #expect(verdict.moments == 1001 && verdict.refusedMoments == 0)
    }

    @Test func whoSteersTheWrongWayIsRefused() throws {
        let verdict = try replayed(try bytes(flight)) { tick in
            let flown = tick.flown ?? Motors(repeating: 0)
            let turned: Motors = [flown[1], flown[0], flown[3], flown[2]]
            return turned
        }
        #expect(!verdict.isLetThrough)
        #expect(verdict.sentence.contains("-1.0 times the effect") && verdict.sentence.contains("roll"), "\(verdict)")
        #expect(verdict.refusedMoments == verdict.moments && verdict.moments == 1001)
        #expect(abs((verdict.refusedAt ?? 0) - 2.598) < 1e-9, "as soon as an update could have asked")
        // At the height of a sway: 0.7 against 0.5 on each motor.
        #expect(abs(verdict.command.most - 0.2) < 1e-4 && verdict.angular.most > 90 && verdict.thrust.most < 0.01)
        #expect((verdict.worstAt ?? 0) > 0.6)
    }

    @Test func whoIsFarOffIsRefused() throws {
        let verdict = try replayed(try bytes(flight)) { tick in
            var motors = tick.flown ?? Motors(repeating: 0)
            for motor in 0..<4 { motors[motor] += 0.2 }
            return motors
        }
        #expect(verdict.sentence.contains("differ too much"), "\(verdict.sentence)")
        #expect(abs(verdict.command.rms - 0.2) < 1e-3 && verdict.thrust.most > 4)
    }

    @Test func whoDoesNotAnswerIsRefused() throws {
        let bytes = try bytes(flight)
        func silent(_ ticks: ClosedRange<UInt64>) throws -> ReplayVerdict {
            try replayed(bytes) { ticks.contains($0.sample.tick) ? nil : $0.flown ?? Motors(repeating: 0) }
        }
        let once = try silent(1800...1800)
        #expect(once.unanswered == 1 && once.isLetThrough, "\(once.sentence)")
        // Its time in shadow began anew, and 1 s of it was left.
        #expect(once.moments == 500)
        let often = try silent(1800...1805)
        #expect(often.unanswered == 6 && often.sentence.contains("no answer to 6"), "\(often.sentence)")
    }

    @Test func whatIsNoCommandIsRefused() throws {
        let bytes = try bytes(flight)
        func spoilt(_ spoil: (inout da_command) -> Void) throws -> String {
            try judged(bytes) { tick in
                var command = reply(tick, tick.flown ?? Motors(repeating: 0))
                if tick.sample.tick == 2000 { spoil(&command) }
                return command
            }.sentence
        }
        for spoil in [
            { $0.epoch = 3 }, { $0.tick += 1 }, { $0.sample_ns += 1 }, { $0.free.0 = .nan }, { $0.motor.1 = 1.01 },
        ] as [(inout da_command) -> Void] {
            let sentence = try spoilt(spoil)
            #expect(sentence.contains("1 of its answers are no command"))
        }
        let unsettled = try judged(bytes) { reply($0, $0.flown ?? Motors(repeating: 0), settled: false) }
        #expect(unsettled.sentence.contains("never said that it is settled"))
    }

    /// What the core bounded, held or took from the sample before is not what the owner wanted for this one.
    @Test func onlyWhatTheOwnerWantedIsCompared() throws {
        var records = flight
        records[1000].isLimited = true
        records[1100].origin = .late
        records[1200].origin = .held
        records[1300].origin = .failsafe
        let verdict = try replayed(try bytes(records)) { $0.flown ?? Motors(repeating: 0) }
        #expect(verdict.compared == 2046 && verdict.identical == 2046 && verdict.isLetThrough)
    }

    @Test func missingTicksAreCounted() throws {
        var records = flight
        records.removeSubrange(1000..<1010)
        let verdict = try replayed(try bytes(records)) { $0.flown ?? Motors(repeating: 0) }
        #expect(verdict.gaps == 10 && verdict.ticks == 2270 && verdict.unanswered == 0 && verdict.isLetThrough)
    }

    @Test func aLogThatIsCutIsReplayedAsFarAsItGoes() throws {
        let cut = Array(try bytes(flight).dropLast(3))
        let verdict = try replayed(cut) { $0.flown ?? Motors(repeating: 0) }
        #expect(verdict.isCut && verdict.isLetThrough && verdict.ticks >= 2279)
    }

    @Test func whatCannotBeReplayedIsSaid() throws {
        // The last is of a core that did not say which vehicle it flies, as those of before.
        for (log, words) in [
            ([], "no ULog's beginning"), (Array("no log at all, but long enough".utf8), "no ULog's beginning"),
            (try bytes([]), "no tick"), (try bytes(Array(flight.dropFirst(400))), "begins in mode fly"),
            (try bytes(Array(flight.prefix(900))), "less than 2 s"),
            (try bytes(flight, board: da_board()), "an older core wrote it"),
        ] as [([UInt8], String)] {
            let sentence = try refusal(log)
            #expect(sentence.contains(words) && !sentence.contains("\n"), "\(sentence)")
        }
    }
}
