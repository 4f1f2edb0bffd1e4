internal import Airframe

/// Physics and chips step by step. A value, so that the world, an object, is entered once for many steps: asking for
/// exclusive access to each of its parts took a quarter of a virtual flight.
struct Vehicle {
    /// ns between two records of the truth log.
    private static let truthInterval: UInt64 = 10_000_000

    /// ns.
    private(set) var now: UInt64
    var imu: MPU6050Chip
    var barometer: BMP280Chip
    var monitor: INA219Chip
    var motorChip: PCA9685Chip
    /// nil: the vehicle has none.
    var receiver: PPMReceiver?
    var truthLog: RecordLog<TruthRecord>

    private var plant: Plant
    /// ns, end of the last step.
    private var stepped: UInt64
    private var controllers: [SpeedController]
    private let motorChannel: [Int]
    /// Chip's axes from the body's: the transposed mounting.
    private let chipRows: (Vector, Vector, Vector)
    private var nextTruth: UInt64

    init(_ parameters: WorldParameters, seed: UInt64, start: UInt64) {
        plant = Plant(parameters, seed: seed)
        (now, stepped, nextTruth) = (start, start, start)
        imu = MPU6050Chip(
            parameters.imu, step: Plant.step, start: start, random: RandomSource(seed: seed, stream: 3))
        barometer = BMP280Chip(parameters.barometer, start: start, random: RandomSource(seed: seed, stream: 4))
        monitor = INA219Chip(parameters.monitor, start: start, random: RandomSource(seed: seed, stream: 5))
        motorChip = PCA9685Chip(oscillatorError: parameters.oscillatorError)
        receiver = parameters.receiver.map {
            PPMReceiver($0, start: start, random: RandomSource(seed: seed, stream: 6))
        }
        truthLog = RecordLog(capacity: parameters.truthLogCapacity)
        let wiring = parameters.wiring
        controllers = Array(
            repeating: SpeedController(pulseMin: wiring.pulseMin, pulseMax: wiring.pulseMax), count: 4)
        motorChannel = wiring.motorChannel
        let r = wiring.imuRotation
        chipRows = (Vector(r[0], r[3], r[6]), Vector(r[1], r[4], r[7]), Vector(r[2], r[5], r[8]))
    }

    var truth: Truth { plant.truth(at: stepped) }

    mutating func place(_ body: RigidBody) { plant.body = body }

    mutating func skip(to time: UInt64) {
        guard time > now else { return }
        (now, stepped) = (time, time)
        nextTruth = max(nextTruth, time)
        receiver?.skip(to: time)
    }

    /// All whole steps until `time`.
    mutating func advance(to time: UInt64) {
        guard time > now else { return }
        now = time
        while stepped &+ Plant.stepNanoseconds <= time {
            stepped &+= Plant.stepNanoseconds
            var command = SIMD4<Double>.zero
            for motor in 0..<4 {
                let width = motorChip.pulse(motorChannel[motor], at: stepped)
                command[motor] = controllers[motor].command(width: width, at: stepped)
            }
            plant.step(command)
            imu.feed(
                rate: chip(plant.feltRate), force: chip(plant.feltForce), temperature: plant.temperature, at: stepped)
            if barometer.nextEvent <= stepped {
                barometer.advance(to: stepped, pressure: plant.pressure, temperature: plant.temperature)
            }
            if monitor.nextEvent <= stepped {
                monitor.advance(to: stepped, voltage: plant.battery.voltage, current: plant.battery.current)
            }
            receiver?.advance(to: stepped)
            if nextTruth <= stepped {
                truthLog.append(TruthRecord(plant.truth(at: stepped)))
                nextTruth &+= Self.truthInterval
            }
        }
    }

    /// Body to chip.
    @inline(__always)
    private func chip(_ body: Vector) -> Vector {
        Vector(chipRows.0.dot(body), chipRows.1.dot(body), chipRows.2.dot(body))
    }
}
