import CContract
import FlightCore
import Simulator

/// Whose commands reached the motors, tick by tick.
///
/// Unlike `TickLedger` it asks for no owner: with a peer nobody is one, or two are. A container drives in a tick if a
/// write that ended in it carries the container's command for that tick's sample or the one before.
struct DriverLedger {
    /// ns: when the first tick begins.
    private(set) var begin: UInt64 = 0
    private(set) var drivers: [Set<String>] = []

    /// All whole ticks in `window`, ns.
    init(_ evidence: PeerJudge.Evidence, _ window: Range<UInt64>) {
        // Ticks are a period apart from the core's start to its end, those that it slept through too.
        guard let any = evidence.logs.values.lazy.compactMap(\.first).first else { return }
        let period = evidence.period
        let origin = any.sample_ns - any.tick * period
        guard window.lowerBound > origin else { return }
        let first = (window.lowerBound - origin) / period + 1
        begin = origin + first * period
        guard window.upperBound > begin else { return }
        let count = Int((window.upperBound - begin) / period)
        drivers = Array(repeating: [], count: count)
        var commands: [[SIMD4<UInt16>: String]] = Array(repeating: [:], count: count)
        for (name, log) in evidence.logs {
            for record in log where record.tick >= first && record.tick - first < UInt64(count) {
                commands[Int(record.tick - first)][Self.counts(record, evidence.encoding)] = name
            }
        }
        for write in evidence.motors where write.isComplete && write.on == .zero && write.stop >= begin {
            let index = Int((write.stop - begin) / period)
            guard index < count else { break }
            let driver = commands[index][write.off] ?? (index > 0 ? commands[index - 1][write.off] : nil)
            if let driver { drivers[index].insert(driver) }
        }
    }

    private static func counts(_ record: da_command_record, _ encoding: PCA9685.Encoding) -> SIMD4<UInt16> {
        SIMD4(
            encoding.count(record.motor.0), encoding.count(record.motor.1), encoding.count(record.motor.2),
            encoding.count(record.motor.3))
    }
}
