package import CContract
internal import FlightCore
internal import FlightLog
internal import FoundationEssentials

/// What the core's own failsafe asked for, from the flight record: to the verdict one more log of commands, beside
/// those of the containers. What was written to the motors, and by whom, the record is not asked.
package enum FailsafeLog {
    /// The commands of all records of a flight: `record`, and those of cores that took it up.
    ///
    /// - Throws: `BenchFault` when the record is not there or is none.
    package static func read(_ record: String) throws(BenchFault) -> [da_command_record] {
        var commands: [da_command_record] = []
        for path in [record] + Recorder.continuations(of: record) {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw BenchFault("The flight record \(path) cannot be read.")
            }
            let log = ULogReader([UInt8](data), topics: ["failsafe_motors"])
            if let fault = log.faults.first { throw BenchFault("The flight record \(path) is none: \(fault).") }
            commands += (log.data["failsafe_motors"] ?? []).compactMap(command)
        }
        return commands
    }

    private static func command(_ fields: [String: [Double]]) -> da_command_record? {
        func whole(_ name: String) -> UInt64? { fields[name]?.first.flatMap { UInt64(exactly: $0) } }
        guard let time = whole("timestamp"), let tick = whole("tick"), let epoch = whole("epoch"),
            let motors = fields["control"]?.map({ Float($0) }), motors.count == 4
        else { return nil }
        return da_command_record(
            tick: tick, sample_ns: time &* 1000, epoch: epoch, motor: (motors[0], motors[1], motors[2], motors[3]))
    }
}
