package import CBoard
package import CContract
package import Contract

/// One control tick, in stages that the loop calls in this order:
///
///     open → sense → sample(for:) → take … → actuate → takeTurn → record
///
/// All state of the flight core is here. Nothing allocates, waits, or knows of time but through `clock`; the bench
/// calls the same stages in virtual time.
package struct FlightTick: ~Copyable {
    /// errno values of the bus seam: Glibc's names are not for a module that does no I/O.
    private static let timedOut: Int32 = 110
    private static let busy: Int32 = 16
    private static let canceled: Int32 = 125
    /// Ticks of a gap over which it is worth extrapolating, about half a second: as long as a record counts.
    private static let gapTicksMax: Float = 250
    /// Ticks behind a failed motor write in which an owner may still be catching the vehicle: 0.5 s at 500 Hz.
    private static let bustleTicks: UInt64 = 250

    package let board: da_board
    private let bus: da_bus
    private let motorBus: da_bus
    var lines: BoardLines
    package internal(set) var receiver: Receiver
    private let clock: da_clock
    /// s.
    package let period: Float
    private let periodNanoseconds: UInt64
    let budgetFits: Bool
    private let silence: Silence
    /// Square of the command at which thrust equals weight.
    private let hoverSquare: Float

    package internal(set) var sensors: Sensors
    var motorChip: PCA9685
    package internal(set) var state = StateFilter()
    var descent: DescentController
    var touchdown: TouchdownDetector
    var envelope: EnvelopeMonitor
    package var arbiter: Arbiter
    package internal(set) var modes: FlightModes

    /// Number of the present tick; the first is 1.
    package internal(set) var tick: UInt64 = 0
    var scheduled: UInt64 = 0
    var sensed: UInt64 = 0
    var applied = Motors(repeating: 0)
    /// What the failsafe would fly, be it asked or not: its own log of commands, as every container keeps one.
    package private(set) var failsafeMotors = Motors(repeating: 0)
    var appliedTick: UInt64 = 0
    /// When a core took up the flight of one before it, ns; 0: never.
    var takenUpAt: UInt64 = 0
    /// s that were slept through before the present tick.
    private var gap: Float = 0
    private var origin = Arbiter.Origin.nobody
    private var limited = false
    private var writeResult: Int32 = 0
    /// Tick of the last motor write that failed for good; 0: none.
    private var writeFailedTick: UInt64 = 0
    var counts = TickCounts()
    var meter: BusMeter

    package init(
        board: da_board, bus: da_bus, motorBus: da_bus, lines: da_lines, edges: da_edges? = nil, clock: da_clock,
        lastEpoch: UInt64, reservedEpoch: UInt64, fence: Fence = .whole, silence: Silence = .bridged
    ) {
        self.board = board
        self.silence = silence
        self.bus = bus
        self.motorBus = motorBus
        self.lines = BoardLines(lines, board)
        receiver = Receiver(edges, board)
        self.clock = clock
        period = 1 / Float(max(1, board.tick_rate))
        periodNanoseconds = 1_000_000_000 / UInt64(max(1, board.tick_rate))
        let budget = BusBudget(board)
        budgetFits = budget.fits
        counts.busLoad = Float(budget.load)
        meter = BusMeter(board)
        sensors = Sensors(board)
        let encoding = PCA9685.Encoding(board)
        motorChip = PCA9685(address: board.motor_address, encoding: encoding)
        descent = DescentController(board.vehicle)
        hoverSquare = clamp(
            board.vehicle.mass * standardGravity / (4 * greater(board.vehicle.thrust_max, 0.01)), 0.01, 1)
        touchdown = TouchdownDetector(hoverCommand: squareRoot(hoverSquare))
        envelope = EnvelopeMonitor(board)
        arbiter = Arbiter(
            board, lastEpoch: lastEpoch, reservedEpoch: reservedEpoch, fence: fence, silence: silence)
        modes = FlightModes(board)
    }

    package var encoding: PCA9685.Encoding { motorChip.encoding }
    var isDisarmed: Bool { modes.mode == .disarmed }
    /// A motor write that was given up may still arrive: before it has, its owner's command is not a past one, so
    /// nobody is switched to (supports invariant 4). A way back does not wait; it has reasons of its own.
    private var isWriteUnderWay: Bool { writeResult == -Self.timedOut || writeResult == -Self.busy }
    var rate: Float { sensors.gyro.norm }
    /// What the motors were told last, as a part of hover thrust.
    private var thrustShare: Float {
        var sum: Float = 0
        for motor in 0..<4 { sum += applied[motor] * applied[motor] }
        return sum / 4 / hoverSquare
    }

    // MARK: Stages

    /// Begins tick `number`, scheduled at `start` (ns); `skipped` ticks were slept through. Owners change here.
    @_noAllocation
    package mutating func open(_ number: UInt64, at start: UInt64, skipped: UInt64) {
        let mayChange =
            arbiter.isFailsafe ? modes.mayBeRelieved(height: state.height, now: sensed) : modes.maySwitch
        arbiter.passBoundary(
            to: number, at: start, airborne: !modes.onGround && !isDisarmed, isCalm: mayChange && !isWriteUnderWay)
        if arbiter.isFailsafe {
            modes.enterFailsafe()
        } else if arbiter.owner != Arbiter.nobody {
            modes.leaveFailsafe()
        } else if !isDisarmed {
            // Lost before it flew: nobody answers for the motors, so they stop.
            modes.stop()
            settleOnGround()
        }
        counts.skipped &+= skipped
        gap = lesser(Float(skipped), Self.gapTicksMax) * period
        scheduled = start
        tick = number
    }

    /// Reads the IMU, the lines and the receiver, follows attitude, height and mode.
    @_noAllocation
    package mutating func sense() {
        let rateBefore = sensors.gyro
        sensors.readImu(bus, now: now(), disarmed: isDisarmed)
        sensed = now()
        if gap > 0 {
            state.coast(rate: (rateBefore + sensors.gyro) * 0.5, seconds: gap, onGround: modes.onGround)
        }
        if sensors.flags & SampleFlags.batteryFresh.rawValue != 0 { modes.take(voltage: sensors.voltage) }
        lines.read(tick)
        if lines.isKilled, !isDisarmed {
            modes.stop()
            settleOnGround()
        }
        if !motorChip.isReady { motorChip.bringUp(motorBus, now: sensed) }
        if sensors.flags & SampleFlags.barometerFresh.rawValue != 0 {
            state.take(pressure: sensors.pressure, temperature: sensors.temperature, onGround: modes.onGround)
        }
        if sensors.imu.isReady {
            state.step(gyro: sensors.gyro, accel: sensors.accel, period: period, onGround: modes.onGround)
        }
        let descending = modes.mode == .land || modes.mode == .failsafe
        receiver.listen(now: now())
        modes.follow(receiver.link)
        let stands = touchdown.step(motors: applied, climb: state.climb, descending: descending, period: period)
        let wasArmed = !isDisarmed
        modes.step(
            thrust: thrustShare, height: state.height, touchedDown: stands, now: sensed, period: period)
        if wasArmed, isDisarmed { settleOnGround() }
        if !isDisarmed {
            switch envelope.step(state, rate: rate, period: period) {
            case .inside: break
            case .left: arbiter.noteEnvelopeLeft(forLong: false)
            case .leftForLong:
                // Behind a bus that hung it is no fault of the owner's, and the failsafe would write over the same bus.
                arbiter.noteEnvelopeLeft(forLong: writeFailedTick == 0 || tick &- writeFailedTick > Self.bustleTicks)
            }
        }
    }

    /// The sample of this tick as `slot` gets it.
    @_noAllocation
    package func sample(for slot: Int) -> da_sample {
        var sample = sampleForAll()
        sample.your_epoch = arbiter.slots[slot].grant
        return sample
    }

    /// Takes one command that arrived on `slot`'s connection.
    @_noAllocation
    package mutating func take(_ command: da_command, from slot: Int) -> Arbiter.Fate {
        arbiter.take(command, from: slot)
    }

    /// Whether the owner has answered this tick's sample, or cannot, so that waiting on has no use.
    package var isAnswered: Bool { arbiter.isAnswered(tick) }

    /// Checks the owner's command and writes it in one transfer (invariant 2); permission is asked again here, at the
    /// last writer (supports invariant 4).
    @_noAllocation
    package mutating func actuate() {
        // Until its owner is back behind a restart of the core, the vehicle is held level at its height.
        let climb = modes.mode == .failsafe ? -board.landing_speed : 0
        let own = descent.step(state, gyro: sensors.gyro, climbRate: climb, period: period)
        if modes.mode != .failsafe, !arbiter.isTakingUp { descent.reset() }
        failsafeMotors = own
        if let motors = permitted(own) { write(motors) }
        // Nil in flight: only a gap in the fence lets another one drive too.
        if origin != .nobody, let motors = arbiter.intruder(tick) { write(bounded(motors)) }
        lines.write(outputs: motorChip.isReady && !lines.isKilled, led: !isDisarmed)
    }

    /// Reads a slower chip in what is left of the tick. Nothing waits for it: a tick that is late leaves it to the next.
    @_noAllocation
    package mutating func takeTurn() {
        let end = scheduled &+ periodNanoseconds
        if sensors.takeTurn(bus, tick: tick, now: now(), end: end), motorChip.isReady,
            motorChip.hasLostSetUp(motorBus) == true
        {
            motorChip.restart()
        }
    }

    /// What is recorded of this tick.
    @_noAllocation
    package func record(published: UInt64, commanded: UInt64) -> TickRecord {
        var record = TickRecord(sample: sampleForAll())
        record.published = published
        record.commanded = commanded
        record.written = now()
        record.motors = applied
        if origin == .failsafe { record.failsafe = failsafeMotors }
        record.attitude = state.attitude
        record.height = state.height
        record.climb = state.climb
        record.owner = Int8(truncatingIfNeeded: arbiter.owner)
        record.standby = Int8(truncatingIfNeeded: arbiter.standby)
        record.origin = origin
        record.cause = arbiter.cause
        record.writeResult = writeResult
        record.isLimited = limited
        addShadows(to: &record)
        return record
    }

    /// What has come in since: the shadows of the live core answer behind the motor write. Before the next tick opens.
    @_noAllocation
    package func addShadows(to record: inout TickRecord) {
        for slot in 0..<Arbiter.slotCount where arbiter.slots[slot].commandTick == record.sample.tick {
            record.shadow[slot] = arbiter.slots[slot].free
        }
    }

    // MARK: Parts

    func now() -> UInt64 { withUnsafePointer(to: clock) { da_clock_now($0) } }

    private func sampleForAll() -> da_sample {
        var sample = da_sample()
        sample.header = da_header(
            magic: UInt16(DA_MAGIC), version: UInt8(DA_CONTRACT_VERSION), kind: FrameKind.sample.rawValue,
            size: UInt32(MemoryLayout<da_sample>.size))
        sample.tick = tick
        sample.scheduled_ns = scheduled
        sample.sensed_ns = sensed
        sample.owner_epoch = arbiter.epoch
        sample.gyro = sensors.gyro.array
        sample.accel = sensors.accel.array
        sample.pressure = sensors.pressure
        sample.temperature = sensors.temperature
        sample.battery_voltage = sensors.voltage
        sample.battery_current = sensors.current
        sample.applied = applied.array
        sample.applied_tick = appliedTick
        sample.setpoint = modes.setpoint
        sample.mode = modes.mode.rawValue
        sample.source = modes.source.rawValue
        sample.flags = sensors.flags | (modes.onGround ? SampleFlags.onGround.rawValue : 0)
        return sample
    }

    private mutating func write(_ motors: Motors) {
        if motorChip.isReady {
            let began = now()
            writeResult = motorChip.write(motorBus, motors)
            if writeResult == 0 { meter.take(now() &- began) }
            // One retry: a write that was not complete is repaired in the same tick. One that was given up may still
            // arrive; to send it again would be a double. Behind the tick's end none begins.
            if writeResult != 0, !isWriteUnderWay, writeResult != -Self.canceled {
                writeResult = motorChip.write(motorBus, motors)
            }
            if writeResult != 0 {
                counts.writesFailed &+= 1
                writeFailedTick = tick
                // Never begun: the motors have what they had, and that is what may be held.
                if writeResult == -Self.busy || writeResult == -Self.canceled { return }
            }
        }
        applied = motors
        appliedTick = tick
    }

    /// The motors' values that may be written in this tick. Nil: nothing is written, which never happens in flight.
    private mutating func permitted(_ failsafe: Motors) -> Motors? {
        limited = false
        guard !lines.isKilled, !isDisarmed else {
            arbiter.rest(tick)
            origin = .nobody
            return Motors(repeating: 0)
        }
        if modes.mode == .failsafe {
            origin = .failsafe
            counts.failsafe &+= 1
            return failsafe
        }
        guard let chosen = arbiter.choose(tick) else {
            if arbiter.isTakingUp, !modes.onGround {
                origin = .failsafe
                counts.failsafe &+= 1
                return failsafe
            }
            origin = .held
            counts.held &+= 1
            return silence == .bridged ? applied : nil
        }
        origin = chosen.origin
        if origin == .late { counts.late &+= 1 }
        return bounded(chosen.motors)
    }

    /// Within slew and range.
    private mutating func bounded(_ wanted: Motors) -> Motors {
        var motors = wanted
        for motor in 0..<4 {
            let slewed = clamp(motors[motor], applied[motor] - board.slew_max, applied[motor] + board.slew_max)
            if slewed != motors[motor] { limited = true }
            motors[motor] = clamp(slewed, 0, 1)
        }
        return motors
    }

    /// After disarming: the failsafe has done its work, the next flight begins fresh.
    mutating func settleOnGround() {
        touchdown.reset()
        envelope.reset()
        descent.reset()
        if arbiter.isFailsafe { arbiter.endFailsafe() }
    }
}
