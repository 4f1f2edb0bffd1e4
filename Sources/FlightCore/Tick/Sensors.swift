package import CBoard
package import CContract
package import Contract

/// Reads the chips by turns, so that no tick exceeds its bus budget, and gives calibrated SI values in FRD.
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
    /// Readings that failed; the IMU's only if their retry did too.
    package private(set) var readsFailed: UInt64 = 0
    private var imuFailures: UInt32 = 0
    private var barometerFailures: UInt32 = 0

    private let rotation: InlineArray<9, Float>
    private let accelBias: Vector3
    private let accelScale: Vector3
    private let barometerEvery: UInt64
    private let batteryEvery: UInt64

    package init(_ board: da_board) {
        imu = MPU6050(address: board.imu_address)
        barometer = BMP280(address: board.baro_address)
        battery = INA219(address: board.battery_address, shunt: board.battery_shunt)
        bias = GyroBias(tickRate: board.tick_rate)
        let r = board.imu_rotation
        rotation = [r.0, r.1, r.2, r.3, r.4, r.5, r.6, r.7, r.8]
        accelBias = Vector3(board.accel_bias)
        accelScale = Vector3(board.accel_scale)
        barometerEvery = max(4, UInt64(board.tick_rate) / Self.barometerRate)
        batteryEvery = max(4, UInt64(board.tick_rate) / Self.batteryRate)
    }

    /// Whether this tick has room for a look at the motor chip: the slower chips' turns are at 0, 1 and 2.
    @_noAllocation
    package func isTurnOfMotorChip(_ tick: UInt64) -> Bool { tick % barometerEvery == 3 }

    package var areReady: Bool { imu.isReady && barometer.isReady && battery.isReady }

    /// One tick's readings. Chips that are not set up take one step of their set-up instead.
    @_noAllocation
    package mutating func read(_ bus: da_bus, tick: UInt64, now: UInt64, disarmed: Bool) {
        flags = 0
        readImu(bus, now: now, disarmed: disarmed)
        // Turns: barometer at 0, battery voltage at 1, current at 2 of their cycles, so that they never meet.
        if tick % barometerEvery == 0 {
            readBarometer(bus, now: now)
        } else if tick % batteryEvery == 1 {
            readVoltage(bus, now: now)
        } else if tick % batteryEvery == 2, battery.isReady {
            if let amperes = battery.readCurrent(bus) { current = amperes } else { readsFailed &+= 1 }
        }
    }

    @_noAllocation
    private mutating func readImu(_ bus: da_bus, now: UInt64, disarmed: Bool) {
        guard imu.isReady else {
            imu.bringUp(bus, now: now)
            return
        }
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
        guard let reading = barometer.read(bus) else {
            readsFailed &+= 1
            barometerFailures &+= 1
            if barometerFailures >= Self.restartBarometerAfter {
                barometerFailures = 0
                barometer.restart()
            }
            return
        }
        barometerFailures = 0
        pressure = reading.pressure
        temperature = reading.temperature
        flags |= SampleFlags.barometerFresh.rawValue
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
        flags |= SampleFlags.batteryFresh.rawValue
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
