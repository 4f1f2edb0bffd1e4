package import Airframe
internal import CContract

/// A simulated quadcopter with its chips, in the air of a seed.
///
/// Time stands still but for `advance(to:)` and, in virtual time, the transfers on its buses. It belongs to
/// one thread at a time; a server in real time puts a lock around it.
package final class World {
    package let parameters: WorldParameters
    /// ns.
    package internal(set) var now: UInt64
    package internal(set) var imu: MPU6050Chip
    package internal(set) var barometer: BMP280Chip
    package internal(set) var monitor: INA219Chip
    package internal(set) var motorChip: PCA9685Chip
    /// nil: the vehicle has none.
    package var receiver: PPMReceiver?
    package var faults = FaultSchedule()
    package var readingFaults: [ReadingFault] = []
    /// Until when a transfer is waited for, ns, as the core's guard does: then it is given up (-ETIMEDOUT, and it never
    /// arrives), and the bus is busy (-EBUSY) until it would have ended.
    package var transferDeadline = UInt64.max
    package internal(set) var motorLog: RecordLog<MotorRecord>
    package internal(set) var truthLog: RecordLog<TruthRecord>
    /// Levels of the lines by `da_line`: the pilot's switches, and what the core has set.
    package var lineLevels = [Int32](repeating: 0, count: Int(DA_LINES.rawValue))
    /// Transfers on each bus that were begun.
    package internal(set) var transfers: UInt64 = 0

    private var motion: Motion
    /// ns at which each bus is free again.
    var busFree: [UInt64] = [0, 0]
    /// ns at which the inertial chip's data that were read last were taken.
    var inertialSampled: UInt64 = 0
    private(set) var ports: [BusPort] = []

    /// The same seed replays gusts, noise and vibration exactly. All chips power up at `start` (ns).
    package init(parameters: WorldParameters = WorldParameters(), seed: UInt64, start: UInt64 = 0) {
        self.parameters = parameters
        now = start
        motion = Motion(parameters, seed: seed, start: start)
        imu = MPU6050Chip(
            parameters.imu, step: Plant.step, start: start, random: RandomSource(seed: seed, stream: 3))
        barometer = BMP280Chip(parameters.barometer, start: start, random: RandomSource(seed: seed, stream: 4))
        monitor = INA219Chip(parameters.monitor, start: start, random: RandomSource(seed: seed, stream: 5))
        motorChip = PCA9685Chip(oscillatorError: parameters.oscillatorError)
        receiver = parameters.receiver.map {
            PPMReceiver($0, start: start, random: RandomSource(seed: seed, stream: 6))
        }
        motorLog = RecordLog(capacity: parameters.motorLogCapacity)
        truthLog = RecordLog(capacity: parameters.truthLogCapacity)
        lineLevels[Int(DA_LINE_ARM.rawValue)] = 1
        ports = [BusPort(self, number: 0), BusPort(self, number: 1)]
    }

    package var truth: Truth { motion.truth }

    /// Puts the vehicle somewhere, for tests: physics goes on from there.
    package func place(_ body: RigidBody) { motion.place(body) }

    /// Lets time pass until `time`; an earlier time does nothing.
    package func advance(to time: UInt64) {
        guard time > now else { return }
        now = time
        motion.advance(to: time, &imu, &barometer, &monitor, &motorChip, &receiver, &truthLog)
    }

    /// Skips to `time` without physics, for a host that slept: the world stands still meanwhile.
    package func skip(to time: UInt64) {
        guard time > now else { return }
        motion.skip(to: time)
        now = time
        receiver?.skip(to: time)
    }
}
