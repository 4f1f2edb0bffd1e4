package import Airframe
internal import CContract

/// A simulated quadcopter with its chips, in the air of a seed.
///
/// Time stands still but for `advance(to:)` and, in virtual time, the transfers on its buses. It belongs to
/// one thread at a time; a server in real time puts a lock around it.
package final class World {
    package let parameters: WorldParameters
    package var faults = FaultSchedule()
    package var readingFaults: [ReadingFault] = []
    /// Until when a transfer is waited for, ns, as the core's guard does: then it is given up (-ETIMEDOUT, and it never
    /// arrives), and the bus is busy (-EBUSY) until it would have ended.
    package var transferDeadline = UInt64.max
    package internal(set) var motorLog: RecordLog<MotorRecord>
    /// Levels of the lines by `da_line`: the pilot's switches, and what the core has set.
    package var lineLevels = [Int32](repeating: 0, count: Int(DA_LINES.rawValue))
    /// Transfers on each bus that were begun.
    package internal(set) var transfers: UInt64 = 0

    var vehicle: Vehicle
    /// ns at which each bus is free again.
    var busFree = SIMD2<UInt64>.zero
    /// ns at which the inertial chip's data that were read last were taken.
    var inertialSampled: UInt64 = 0
    private(set) var ports: [BusPort] = []

    /// The same seed replays gusts, noise and vibration exactly. All chips power up at `start` (ns).
    package init(parameters: WorldParameters = WorldParameters(), seed: UInt64, start: UInt64 = 0) {
        self.parameters = parameters
        vehicle = Vehicle(parameters, seed: seed, start: start)
        motorLog = RecordLog(capacity: parameters.motorLogCapacity)
        lineLevels[Int(DA_LINE_ARM.rawValue)] = 1
        ports = [BusPort(self, number: 0), BusPort(self, number: 1)]
    }

    /// ns.
    package var now: UInt64 { vehicle.now }
    package var truth: Truth { vehicle.truth }
    package var truthLog: RecordLog<TruthRecord> { vehicle.truthLog }
    package var imu: MPU6050Chip { vehicle.imu }
    package var motorChip: PCA9685Chip { vehicle.motorChip }
    /// nil: the vehicle has none.
    package var receiver: PPMReceiver? {
        get { vehicle.receiver }
        set { vehicle.receiver = newValue }
    }

    /// Puts the vehicle somewhere, for tests: physics goes on from there.
    package func place(_ body: RigidBody) { vehicle.place(body) }

    /// Lets time pass until `time`; an earlier time does nothing.
    package func advance(to time: UInt64) { vehicle.advance(to: time) }

    /// Skips to `time` without physics, for a host that slept: the world stands still meanwhile.
    package func skip(to time: UInt64) { vehicle.skip(to: time) }
}
