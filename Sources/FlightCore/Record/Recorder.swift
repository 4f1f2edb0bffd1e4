package import CContract
import CPlatform
import Contract
import Glibc

/// Drains the tick's records into a flight log, on a thread of normal priority.
package final class Recorder: @unchecked Sendable {
    /// Pause between two drains, ns. The ring holds eighty times as much.
    private static let pause: UInt64 = 50_000_000
    /// Most records of one drain, so that a stop is noticed.
    private static let drainLimit = 4096
    /// Attitude, rates and setpoint are logged every so many ticks, for people; the containers' samples are logged whole.
    private static let slowEvery: UInt64 = 5
    /// How long a flight's record goes on behind its disarming, us.
    private static let tail: UInt64 = 2_000_000
    /// A power cut loses what was written for so long, ns.
    private static let syncEvery: UInt64 = 1_000_000_000

    private enum Number {
        static let attitude: UInt16 = 0
        static let position: UInt16 = 1
        static let rates: UInt16 = 2
        static let setpoint: UInt16 = 3
        static let motors: UInt16 = 4
        static let battery: UInt16 = 5
        static let ownership: UInt16 = 6
        static let imu: UInt16 = 7
        static let failsafe: UInt16 = 8
        static let firstShadow: UInt16 = 9
        static let owner: UInt16 = 13
        static let sampleSlow: UInt16 = 14
        static let sampleSetpoint: UInt16 = 15
        static let sample: UInt16 = 16
    }

    /// Who owned the motors in the tick before.
    private struct Owner: Equatable {
        var slot: Int8
        var epoch: UInt64
        var flies: Bool
    }

    /// PX4's names and units where they fit; ours for ownership, the shadows' commands, and what is left of a sample.
    private static let topics: [ULogFile.Topic] =
        [
            .init("vehicle_attitude", ["float[4] q"]),
            .init("vehicle_local_position", ["float z", "float vz"]),
            .init("vehicle_angular_velocity", ["float[3] xyz"]),
            .init("attitude_setpoint", ["float roll_body", "float pitch_body", "float yaw_rate", "float climb"]),
            .init("actuator_motors", ["float[4] control"]),
            .init("battery_status", ["float voltage_v", "float current_a"]),
            .init(
                "ownership",
                [
                    "uint64_t tick", "uint64_t epoch", "uint64_t written_us", "int8_t instance", "int8_t standby",
                    "uint8_t mode", "uint8_t origin", "uint8_t cause", "uint8_t flags", "int16_t write_result",
                ]),
            .init("sensor_combined", ["float[3] gyro_rad", "float[3] accelerometer_m_s2"]),
            .init("failsafe_motors", ["uint64_t tick", "uint64_t epoch", "float[4] control"]),
        ] + (0..<Arbiter.slotCount).map { .init("shadow_motors_\($0)", ["float[4] control"]) } + [
            .init("owner", ["uint64_t tick", "uint64_t epoch", "int8_t instance", "uint8_t cause", "char[32] name"]),
            // Where one of them changed.
            .init(
                "sample_slow",
                ["float pressure", "float temperature", "float battery_voltage", "float battery_current"]),
            .init(
                "sample_setpoint", ["float roll", "float pitch", "float yaw_rate", "float climb", "uint8_t source"]),
            // With `ownership`, `actuator_motors` and `sensor_combined` of its time stamp, and the newest of the two above,
            // all that a container's sample has; the last message of its tick.
            .init(
                "sample",
                ["uint32_t sensed_after_ns", "uint16_t scheduled_rest_ns", "uint16_t applied_age", "uint8_t limited"]),
        ]

    private let records: Ring<TickRecord>
    /// Records before arming that a flight's file begins with.
    private let lead: Int
    private let place: FlightRecords
    private let board: da_board
    private let names: InstanceNames
    private var file: ULogFile?
    /// When the vehicle was armed last, us; 0: it was not.
    private var armed: UInt64 = 0
    private var owner: Owner?
    /// What the file said last of what is told where it changes, as bits.
    private var slow: SIMD4<UInt32>?
    private var setpoint: (values: SIMD4<UInt32>, source: UInt8)?
    private var isFailing = false
    private var synced: UInt64 = 0

    /// Records all of the time into the one file of `place`, or each flight into a file of its own in its folder.
    ///
    /// - Throws: `CoreFault` when the file or folder cannot be made.
    package init(
        _ records: Ring<TickRecord>, at place: FlightRecords, board: da_board, names: InstanceNames = InstanceNames()
    ) throws(CoreFault) {
        self.records = records
        self.place = place
        self.board = board
        self.names = names
        // Two seconds and a little, in which a container that is not settled yet becomes so; no more than leaves the ring
        // room for a slow disk.
        lead = place.isFolder ? min(Int(board.tick_rate) * 41 / 20, records.capacity / 2) : 0
        try place.prepare()
        if !place.isFolder { try open(at: da_now() / 1000) }
    }

    /// The file for a flight that was taken up: the first of `path`.1 to .99 that is not there; the last, if all are.
    package static func continuation(of path: String) -> String {
        for number in 1..<99 where access("\(path).\(number)", F_OK) != 0 { return "\(path).\(number)" }
        return path + ".99"
    }

    /// The files that there are for flights that were taken up, in their order.
    package static func continuations(of path: String) -> [String] {
        (1...99).map { "\(path).\($0)" }.filter { access($0, F_OK) == 0 }
    }

    /// Runs until a stop is requested, then drains once more.
    package func run() {
        while da_stop_requested() == 0 {
            da_sleep_until(da_now() + Self.pause)
            drain()
        }
        drain()
    }

    package func drain() {
        for _ in 0..<Self.drainLimit {
            guard records.count > held, let record = records.pop() else { break }
            if place.isFolder { turnPage(record) }
            write(record)
        }
        flush()
    }

    /// Records that stay in the ring on the ground: the next flight's file begins with them.
    private var held: Int { file == nil && !isArming ? lead : 0 }

    /// Whether the vehicle is armed by now, be it that its records are still to come.
    private var isArming: Bool { records.newest.map { $0.sample.mode != FlightMode.disarmed.rawValue } ?? false }

    private func flush() {
        guard file?.flush() == false else { return synchronise() }
        fail("the flight record cannot be written: \(reason(-errno)); the flight goes on without.")
    }

    private func synchronise() {
        let now = da_now()
        guard file != nil, now - synced >= Self.syncEvery else { return }
        file?.synchronise()
        synced = now
    }

    /// Once a flight.
    private func fail(_ line: String) {
        if !isFailing { say(line, as: .error) }
        isFailing = true
    }

    private func open(at time: UInt64) throws(CoreFault) {
        let (path, limit) = place.next()
        file = try ULogFile(
            path: path, timestamp: time, topics: Self.topics,
            information: [("sys_name", "droneagent"), ("ver_hw", text(board.name))],
            // As a container's welcome has them.
            figures: [
                ("uint32_t tick_rate", bytes(of: board.tick_rate)), ("uint64_t board_hash", bytes(of: board.hash)),
                ("float[22] vehicle", bytes(of: board.vehicle)),
            ], limit: limit)
        (owner, slow, setpoint) = (nil, nil, nil)
    }

    /// Opens a file where a flight begins or one is full, and closes it where the flight has ended.
    private func turnPage(_ record: TickRecord) {
        let time = record.sample.scheduled_ns / 1000
        let isArmed = record.sample.mode != FlightMode.disarmed.rawValue
        if isArmed { armed = time }
        guard isArmed || isArming || (armed > 0 && time &- armed < Self.tail) else {
            if file != nil {
                flush()
                file?.synchronise()
                file = nil
            }
            isFailing = false
            return
        }
        let isFull = file?.isFull ?? true
        guard isFull, !isFailing else { return }
        if file != nil { flush() }
        do { try open(at: time) } catch {
            file = nil
            fail("the flight goes on without a record: \(error)")
        }
    }

    private func write(_ record: TickRecord) {
        guard file != nil else { return }
        noteOwner(record)
        let sample = record.sample
        let time = sample.scheduled_ns / 1000
        file?.data(Number.ownership, timestamp: time) {
            $0.add(sample.tick)
            $0.add(sample.owner_epoch)
            $0.add(record.written / 1000)
            $0.add(record.owner)
            $0.add(record.standby)
            $0.add(sample.mode)
            $0.add(record.origin.rawValue)
            $0.add(record.cause.rawValue)
            $0.add(sample.flags)
            $0.add(Int16(clamping: record.writeResult))
        }
        file?.data(Number.motors, timestamp: time) { $0.add(record.motors) }
        if record.failsafe.isFinite {
            file?.data(Number.failsafe, timestamp: time) {
                $0.add(sample.tick)
                $0.add(sample.owner_epoch)
                $0.add(record.failsafe)
            }
        }
        for slot in 0..<Arbiter.slotCount where Int(record.owner) != slot && record.shadow[slot].isFinite {
            file?.data(Number.firstShadow + UInt16(slot), timestamp: time) { $0.add(record.shadow[slot]) }
        }
        if sample.flags & SampleFlags.batteryFresh.rawValue != 0 {
            file?.data(Number.battery, timestamp: time) {
                $0.add(sample.battery_voltage)
                $0.add(sample.battery_current)
            }
        }
        file?.data(Number.imu, timestamp: time) {
            $0.add(Vector3(sample.gyro))
            $0.add(Vector3(sample.accel))
        }
        writeSample(record, time)
        guard sample.tick % Self.slowEvery == 0 else { return }
        file?.data(Number.attitude, timestamp: time) {
            $0.add(record.attitude.w)
            $0.add(record.attitude.x)
            $0.add(record.attitude.y)
            $0.add(record.attitude.z)
        }
        // PX4 counts down as positive.
        file?.data(Number.position, timestamp: time) {
            $0.add(-record.height)
            $0.add(-record.climb)
        }
        file?.data(Number.rates, timestamp: time) { $0.add(Vector3(sample.gyro)) }
        file?.data(Number.setpoint, timestamp: time) {
            $0.add(sample.setpoint.roll)
            $0.add(sample.setpoint.pitch)
            $0.add(sample.setpoint.yaw_rate)
            $0.add(sample.setpoint.climb)
        }
    }

    /// What the tick's other messages do not say of its sample.
    private func writeSample(_ record: TickRecord, _ time: UInt64) {
        let sample = record.sample
        let newSlow = bits(sample.pressure, sample.temperature, sample.battery_voltage, sample.battery_current)
        if newSlow != slow {
            slow = newSlow
            file?.data(Number.sampleSlow, timestamp: time) { for index in 0..<4 { $0.add(newSlow[index]) } }
        }
        let asked = sample.setpoint
        let newSetpoint = bits(asked.roll, asked.pitch, asked.yaw_rate, asked.climb)
        if setpoint.map({ $0.values != newSetpoint || $0.source != sample.source }) ?? true {
            setpoint = (newSetpoint, sample.source)
            file?.data(Number.sampleSetpoint, timestamp: time) {
                for index in 0..<4 { $0.add(newSetpoint[index]) }
                $0.add(sample.source)
            }
        }
        file?.data(Number.sample, timestamp: time) {
            $0.add(UInt32(clamping: sample.sensed_ns &- sample.scheduled_ns))
            $0.add(UInt16(sample.scheduled_ns % 1000))
            $0.add(UInt16(clamping: sample.tick &- sample.applied_tick))
            $0.add(UInt8(record.isLimited ? 1 : 0))
        }
    }
}

/// So that a change is one even where numbers would be equal, and what is told is told to the last bit.
private func bits(_ a: Float, _ b: Float, _ c: Float, _ d: Float) -> SIMD4<UInt32> {
    SIMD4(a.bitPattern, b.bitPattern, c.bitPattern, d.bitPattern)
}

private func bytes<Value: BitwiseCopyable>(of value: Value) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

extension Recorder {
    /// For whoever reads the log: who owns the motors from this tick on, by name.
    private func noteOwner(_ record: TickRecord) {
        let now = Owner(
            slot: record.owner, epoch: record.sample.owner_epoch, flies: record.origin == .failsafe)
        guard now != owner else { return }
        owner = now
        let name = now.flies ? "failsafe" : names[Int(record.owner)]
        let time = record.sample.scheduled_ns / 1000
        file?.data(Number.owner, timestamp: time) {
            $0.add(record.sample.tick)
            $0.add(now.epoch)
            $0.add(now.slot)
            $0.add(record.cause.rawValue)
            $0.add(name, count: 32)
        }
        let who = name.isEmpty ? "nobody owns" : "\(name) owns"
        file?.text(
            "tick \(record.sample.tick): \(who) the motors, epoch \(now.epoch), \(record.cause)", timestamp: time)
    }
}

extension ULogFile.Fields {
    fileprivate mutating func add(_ motors: Motors) { for motor in 0..<4 { add(motors[motor]) } }
    fileprivate mutating func add(_ vector: Vector3) {
        add(vector.x)
        add(vector.y)
        add(vector.z)
    }
}
