package import CBoard
package import CContract
package import Contract

/// Reads the chips and gives calibrated SI values in FRD: the IMU at the tick's beginning, the slower ones by turns
/// behind the motor write, where nothing waits for them. Their values and flags go with the next sample.
package struct Sensors: BitwiseCopyable, Sendable {
    /// Readings a second of the slower chips. The barometer measures at 75 Hz; the battery changes slowly.
    private static let barometerRate: UInt64 = 50
    private static let batteryRate: UInt64 = 10
    /// Failures in a row after which a chip is set up anew: it may have lost its power.
    private static let restartAfter: UInt32 = 10
    /// The same of the barometer, read at 50 Hz: 0.1 s.
    private static let restartBarometerAfter: UInt32 = 5

    package private(set) var imu: MPU6050
    package private(set) var barometer: BMP280
    package private(set) var battery: INA219
    package private(set) var bias: GyroBias
    /// rad/s, bias removed.
    package private(set) var gyro = Vector3.zero
    /// m/s².
    package private(set) var accel = Vector3.zero
    /// Pa.
    package private(set) var pressure: Float = 0
    /// °C.
    package private(set) var temperature: Float = 0
    /// V.
    package private(set) var voltage: Float = 0
    /// A.
    package private(set) var current: Float = 0
    /// Bits of `SampleFlags`; as bits, because an option set's methods are generic.
    package private(set) var flags: UInt8 = 0
    /// The slower chips' part of the next sample's flags.
    private var slowFlags: UInt8 = 0
    /// Turns that have come and were not taken yet, a bit each.
    private var due: UInt8 = 0
    /// Readings that failed; the IMU's only if their retry did too.
    package private(set) var readsFailed: UInt64 = 0
    private var imuFailures: UInt32 = 0
    private var barometerFailures: UInt32 = 0

    private let rotation: InlineArray<9, Float>
    private let accelBias: Vector3
    private let accelScale: Vector3
    private let barometerEvery: UInt64
    private let batteryEvery: UInt64
    /// ns that a turn takes on the bus.
    private let turnTime: UInt64

    private static let barometerTurn: UInt8 = 1
    private static let voltageTurn: UInt8 = 2
    private static let currentTurn: UInt8 = 4
    private static let temperatureTurn: UInt8 = 8
    private static let motorChipTurn: UInt8 = 16

    package init(_ board: da_board) {
        imu = MPU6050(address: board.imu_address)
        barometer = BMP280(address: board.baro_address)
        battery = INA219(address: board.battery_address, shunt: board.battery_shunt)
        bias = GyroBias(tickRate: board.tick_rate)
        let r = board.imu_rotation
        rotation = [r.0, r.1, r.2, r.3, r.4, r.5, r.6, r.7, r.8]
        accelBias = Vector3(board.accel_bias)
        accelScale = Vector3(board.accel_scale)
        barometerEvery = max(5, UInt64(board.tick_rate) / Self.barometerRate)
        batteryEvery = max(5, UInt64(board.tick_rate) / Self.batteryRate)
        turnTime = UInt64(BusBudget(board).turnSeconds * 1e9)
    }

    package var areReady: Bool { imu.isReady && barometer.isReady && battery.isReady }

    /// The tick's reading of the IMU. A chip that is not set up takes one step of its set-up instead.
    @_noAllocation
    package mutating func readImu(_ bus: da_bus, now: UInt64, disarmed: Bool) {
        flags = slowFlags
        slowFlags = 0
        guard imu.isReady else {
            imu.bringUp(bus, now: now)
            return
        }
        takeImu(bus, disarmed: disarmed)
    }

    /// One turn of a slower chip, if one is due and ends before `end` (ns); else it stays due. Returns whether the
    /// turn is the motor chip's, which is not this one's to ask.
    @_noAllocation
    package mutating func takeTurn(_ bus: da_bus, tick: UInt64, now: UInt64, end: UInt64) -> Bool {
        // Offsets keep the turns apart: at most one comes a tick.
        let phase = tick % batteryEvery
        if tick % barometerEvery == 0 { due |= Self.barometerTurn }
        if phase == 1 { due |= Self.voltageTurn }
        if phase == 2 { due |= Self.currentTurn }
        if phase == 4 { due |= Self.temperatureTurn }
        if tick % barometerEvery == 3 { due |= Self.motorChipTurn }
        guard due != 0, now &+ turnTime <= end else { return false }
        let turn = due & (~due &+ 1)
        due &= ~turn
        switch turn {
        case Self.barometerTurn: readBarometer(bus, now: now)
        case Self.voltageTurn: readVoltage(bus, now: now)
        case Self.currentTurn: readCurrent(bus)
        case Self.temperatureTurn: readTemperature(bus)
        default: return true
        }
        return false
    }

    @_noAllocation
    private mutating func takeImu(_ bus: da_bus, disarmed: Bool) {
        // One retry inside the tick: a disturbed transfer is usually a single one.
        guard let reading = imu.read(bus) ?? imu.read(bus) else {
            readsFailed &+= 1
            imuFailures &+= 1
            if imuFailures >= Self.restartAfter {
                imuFailures = 0
                imu.restart()
            }
            return
        }
        imuFailures = 0
        let rate = turned(reading.gyro)
        if disarmed { bias.take(rate) }
        gyro = rate - bias.bias
        accel = (turned(reading.accel) - accelBias).scaled(by: accelScale)
        flags |= SampleFlags.imuFresh.rawValue
    }

    @_noAllocation
    private mutating func readBarometer(_ bus: da_bus, now: UInt64) {
        guard barometer.isReady else {
            barometer.bringUp(bus, now: now)
            return
        }
        // Behind its set-up, and behind a failed one, the temperature comes first.
        guard barometer.knowsTemperature else {
            noteBarometer(barometer.readTemperature(bus))
            return
        }
        let reading = barometer.read(bus)
        noteBarometer(reading != nil)
        guard let reading else { return }
        pressure = reading.pressure
        temperature = reading.temperature
        slowFlags |= SampleFlags.barometerFresh.rawValue
    }

    @_noAllocation
    private mutating func readTemperature(_ bus: da_bus) {
        guard barometer.isReady else { return }
        if !barometer.readTemperature(bus) { readsFailed &+= 1 }
    }

    @_noAllocation
    private mutating func noteBarometer(_ answered: Bool) {
        barometerFailures = answered ? 0 : barometerFailures &+ 1
        guard !answered else { return }
        readsFailed &+= 1
        if barometerFailures >= Self.restartBarometerAfter {
            barometerFailures = 0
            barometer.restart()
        }
    }

    @_noAllocation
    private mutating func readVoltage(_ bus: da_bus, now: UInt64) {
        guard battery.isReady else {
            battery.bringUp(bus, now: now)
            return
        }
        guard let volts = battery.readVoltage(bus) else {
            readsFailed &+= 1
            return
        }
        voltage = volts
        slowFlags |= SampleFlags.batteryFresh.rawValue
    }

    @_noAllocation
    private mutating func readCurrent(_ bus: da_bus) {
        guard battery.isReady else { return }
        guard let amperes = battery.readCurrent(bus) else {
            readsFailed &+= 1
            return
        }
        current = amperes
    }

    /// Body from chip axes.
    @_noAllocation
    private func turned(_ v: Vector3) -> Vector3 {
        Vector3(
            rotation[0] * v.x + rotation[1] * v.y + rotation[2] * v.z,
            rotation[3] * v.x + rotation[4] * v.y + rotation[5] * v.z,
            rotation[6] * v.x + rotation[7] * v.y + rotation[8] * v.z)
    }
}
