package import CContract
internal import Contract

/// Rebuilds the samples of a flight from the core's log, in the chunks in which it is given.
///
/// A tick's messages share its time stamp; `sample` is the last of them. Ticks of which one is missing are left out: to who
/// counts ticks they are a gap.
package struct LogSamples {
    private struct Tick {
        var stamp: UInt64
        var sample: da_sample
        var owner: Int?
        var isFresh: Bool
        var motors: Motors?
        var hasImu = false
        var answered: UInt8 = 0
    }

    /// pressure, temperature, voltage, current.
    private typealias Slow = (Float, Float, Float, Float)

    private var scanner = ULogScanner()
    private var tick: Tick?
    private var slow: Slow?
    private var setpoint: (da_setpoint, source: UInt8)?
    private var begun: UInt64?
    /// Ticks that the core has written down, whole or not.
    package private(set) var ticksSeen = 0

    package init() {}

    /// What does not fit the format, first of all.
    package var fault: String? { scanner.isNone ? "no ULog's beginning" : scanner.faults.first }
    /// The last message is not whole.
    package var isCut: Bool { !scanner.isWhole }

    /// The core's welcome to a container of that flight; nil: the log does not say the vehicle and the tick rate.
    package var welcome: da_welcome? {
        guard let rate: UInt32 = fact("uint32_t tick_rate"), let vehicle: da_vehicle = fact("float[22] vehicle"),
            Self.rates.contains(rate)
        else { return nil }
        var welcome = da_welcome.make()
        welcome.tick_rate = rate
        welcome.board_hash = fact("uint64_t board_hash") ?? 0
        welcome.vehicle = vehicle
        return welcome
    }
    /// Of the contract, Hz.
    private static let rates: Set<UInt32> = [250, 400, 500, 1000]

    /// Reads on; the ticks that are whole by now, in their order.
    package mutating func read(_ chunk: [UInt8]) -> [LoggedTick] { scanner.read(chunk).compactMap { take($0) } }

    private mutating func take(_ message: ULogScanner.Message) -> LoggedTick? {
        guard let stamp = message.whole("timestamp") else { return nil }
        switch message.topic.name {
        case "ownership": begin(message, stamp)
        case "sample_slow":
            let fields = ["pressure", "temperature", "battery_voltage", "battery_current"]
            if let all = message.four(fields) { slow = all }
        case "sample_setpoint":
            guard let all = message.four(["roll", "pitch", "yaw_rate", "climb"]), let source = message.byte("source")
            else { return nil }
            setpoint = (da_setpoint(roll: all.0, pitch: all.1, yaw_rate: all.2, climb: all.3), source)
        case let name where tick?.stamp == stamp:
            if name == "sample" { return finish(message, stamp) }
            add(name, message)
        default: break
        }
        return nil
    }

    private mutating func begin(_ message: ULogScanner.Message, _ stamp: UInt64) {
        ticksSeen += 1
        tick = nil
        guard let number = message.whole("tick"), let epoch = message.whole("epoch"),
            let mode = message.byte("mode"), let flags = message.byte("flags"), let slot = message.value("instance"),
            let origin = message.whole("origin").flatMap(LogJudge.Origin.init)
        else { return }
        var sample = da_sample.make()
        (sample.tick, sample.owner_epoch) = (number, epoch)
        (sample.mode, sample.flags) = (mode, flags)
        tick = Tick(
            stamp: stamp, sample: sample, owner: slot >= 0 ? Int(exactly: slot) : nil, isFresh: origin == .fresh)
    }

    private mutating func add(_ name: String, _ message: ULogScanner.Message) {
        switch name {
        case "actuator_motors":
            let control = message.floats("control")
            guard control.count == 4 else { return }
            let motors: Motors = [control[0], control[1], control[2], control[3]]
            tick?.motors = motors
        case "sensor_combined":
            let (gyro, accel) = (message.floats("gyro_rad"), message.floats("accelerometer_m_s2"))
            guard gyro.count == 3, accel.count == 3 else { return }
            tick?.sample.gyro = (gyro[0], gyro[1], gyro[2])
            tick?.sample.accel = (accel[0], accel[1], accel[2])
            tick?.hasImu = true
        default:
            guard name.hasPrefix(Self.shadow), let slot = UInt8(name.dropFirst(Self.shadow.count)), slot < 8
            else { return }
            tick?.answered |= 1 << slot
        }
    }
    private static let shadow = "shadow_motors_"

    private mutating func finish(_ message: ULogScanner.Message, _ stamp: UInt64) -> LoggedTick? {
        defer { tick = nil }
        guard let tick, tick.hasImu, let motors = tick.motors, let slow, let setpoint,
            let sensed = message.whole("sensed_after_ns"), let rest = message.whole("scheduled_rest_ns"),
            let age = message.whole("applied_age"), let limited = message.whole("limited")
        else { return nil }
        let first = begun ?? stamp
        begun = first
        var sample = tick.sample
        sample.scheduled_ns = stamp &* 1000 &+ rest
        sample.sensed_ns = sample.scheduled_ns &+ sensed
        (sample.pressure, sample.temperature) = (slow.0, slow.1)
        (sample.battery_voltage, sample.battery_current) = (slow.2, slow.3)
        sample.applied = motors.array
        sample.applied_tick = sample.tick &- age
        (sample.setpoint, sample.source) = setpoint
        return LoggedTick(
            sample: sample, time: Double(stamp &- first) / 1e6,
            flown: tick.isFresh && limited == 0 ? motors : nil, owner: tick.owner, answered: tick.answered)
    }

    /// A value as it lies in memory; nil: the log has none of this key and size.
    private func fact<Value: BitwiseCopyable>(_ key: String) -> Value? {
        guard let bytes = scanner.facts[key], bytes.count == MemoryLayout<Value>.size else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
    }
}

extension ULogScanner.Message {
    /// Singles, to their last bit.
    fileprivate func floats(_ name: String) -> [Float] { values(name).map { Float($0) } }

    fileprivate func four(_ names: [String]) -> (Float, Float, Float, Float)? {
        let all = names.compactMap { value($0).map { Float($0) } }
        return all.count == 4 ? (all[0], all[1], all[2], all[3]) : nil
    }

    fileprivate func byte(_ name: String) -> UInt8? { whole(name).flatMap { UInt8(exactly: $0) } }
}
