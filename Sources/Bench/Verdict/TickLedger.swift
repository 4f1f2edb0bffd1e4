package import CContract
import Contract
package import FlightCore
package import Simulator

/// Joins what the motor chip was really told to what each container logged of its own commands.
///
/// The core's word is not asked. A tick is served only if a completed write carries the command that the owner
/// computed from that tick's sample.
package struct TickLedger {
    /// What was found for one tick.
    package enum Finding: UInt8, Sendable {
        /// The owner's command for this tick's sample.
        case served
        /// The owner's command for the sample before.
        case late
        /// The values of the tick before once more.
        case held
        /// Values of nobody's command: the core's own failsafe.
        case failsafe
        /// No complete write.
        case missed
    }

    package struct Entry: Sendable {
        package var tick: UInt64
        /// ns.
        package var scheduled: UInt64
        /// Epoch of the owner as the containers' own logs have it; 0: nobody claimed the tick.
        package var epoch: UInt64
        package var owner: String
        package var finding: Finding
        /// When the completed write ended, ns; 0: never.
        package var written: UInt64
        package var isDoubled = false
        package var isTorn = false
        package var isTwoOwner = false
        package var isStale = false
    }

    package private(set) var entries: [Entry] = []
    /// Motor log records between first and last tick that belong to none.
    package private(set) var strayWrites = 0

    private struct Claim {
        var container: String
        var record: da_command_record
        var counts: SIMD4<UInt16>
    }

    private let encoding: PCA9685.Encoding
    private let period: UInt64
    /// Commands of a tick by all containers, and of which container the highest epoch is.
    private var claims: [UInt64: [Claim]] = [:]

    /// Judges the ticks that are scheduled inside `window` (ns): `motors` is the chip's own log in the order of time,
    /// `logs` each container's own command log by its name, `period` a tick's length in ns.
    package init(
        motors: [MotorRecord], logs: [String: [da_command_record]], encoding: PCA9685.Encoding, period: UInt64,
        window: Range<UInt64>
    ) {
        self.encoding = encoding
        self.period = period
        var schedule: [UInt64: UInt64] = [:]
        for (name, log) in logs.sorted(by: { $0.key < $1.key }) {
            for record in log where window.contains(record.sample_ns) {
                schedule[record.tick] = record.sample_ns
                claims[record.tick, default: []].append(
                    Claim(container: name, record: record, counts: counts(record.motor)))
            }
        }
        judge(schedule, motors.filter { $0.stop >= window.lowerBound && $0.stop < window.upperBound + 2 * period })
        claims.removeAll()
    }

    /// Off-counts of a command, through the shipped encoder.
    private func counts(_ motor: (Float, Float, Float, Float)) -> SIMD4<UInt16> {
        SIMD4(
            encoding.count(motor.0), encoding.count(motor.1), encoding.count(motor.2), encoding.count(motor.3))
    }

    private mutating func judge(_ schedule: [UInt64: UInt64], _ writes: [MotorRecord]) {
        guard let first = schedule.keys.min(), let last = schedule.keys.max() else { return }
        var next = 0
        var previous: SIMD4<UInt16>?
        var begin = schedule[first] ?? 0
        for tick in first...last {
            // A tick that no container got a sample for has no command: it was slept through, and is missed.
            begin = schedule[tick] ?? begin + period
            while next < writes.count, writes[next].stop < begin {
                strayWrites += 1
                next += 1
            }
            let end = schedule[tick + 1] ?? begin + period
            var mine: [MotorRecord] = []
            while next < writes.count, belongs(writes[next], tick, end: end, hasOne: !mine.isEmpty, previous: previous)
            {
                mine.append(writes[next])
                next += 1
            }
            let entry = entry(tick, begin, mine, previous)
            if let write = mine.last(where: \.isComplete) { previous = write.off }
            entries.append(entry)
        }
    }

    /// A write belongs to the tick in whose time it ended. One that overran a tick which has none yet still belongs to
    /// that tick if it carries what that tick may carry (its command, the one before, or the held values), and not the
    /// next tick's command.
    private func belongs(
        _ write: MotorRecord, _ tick: UInt64, end: UInt64, hasOne: Bool, previous: SIMD4<UInt16>?
    ) -> Bool {
        if write.stop < end { return true }
        guard !hasOne, write.stop < end + period, !matches(write, tick + 1, ofEpoch: ownerEpoch(tick + 1)) else {
            return false
        }
        let epoch = ownerEpoch(tick)
        return matches(write, tick, ofEpoch: epoch) || matches(write, tick - 1, ofEpoch: epoch) || write.off == previous
    }

    private func ownerEpoch(_ tick: UInt64) -> UInt64 { claims[tick]?.map(\.record.epoch).max() ?? 0 }

    private func matches(_ write: MotorRecord, _ tick: UInt64, ofEpoch epoch: UInt64) -> Bool {
        claims[tick]?.contains { $0.record.epoch == epoch && $0.counts == write.off } ?? false
    }

    private func entry(
        _ tick: UInt64, _ begin: UInt64, _ writes: [MotorRecord], _ previous: SIMD4<UInt16>?
    ) -> Entry {
        let epoch = ownerEpoch(tick)
        let owner = epoch == 0 ? "" : claims[tick]?.first { $0.record.epoch == epoch }?.container ?? ""
        let complete = writes.filter(\.isComplete)
        var entry = Entry(
            tick: tick, scheduled: begin, epoch: epoch, owner: owner, finding: .missed,
            written: complete.last?.stop ?? 0)
        entry.isTorn = writes.contains { !$0.isComplete }
        entry.isDoubled = complete.count > 1
        guard let write = complete.last else { return entry }
        entry.finding = finding(write, tick, epoch, previous)
        entry.isTwoOwner = complete.contains { carriesForeign($0, tick, epoch) }
        entry.isStale = complete.contains { carriesPastEpoch($0, tick, epoch) }
        return entry
    }

    private func finding(_ write: MotorRecord, _ tick: UInt64, _ epoch: UInt64, _ previous: SIMD4<UInt16>?) -> Finding {
        if epoch != 0, matches(write, tick, ofEpoch: epoch) { return .served }
        if epoch != 0, matches(write, tick - 1, ofEpoch: epoch) { return .late }
        if write.off == previous { return .held }
        return .failsafe
    }

    /// The write carries another container's command for this tick, and not the owner's.
    private func carriesForeign(_ write: MotorRecord, _ tick: UInt64, _ epoch: UInt64) -> Bool {
        guard !(epoch != 0 && matches(write, tick, ofEpoch: epoch)) else { return false }
        return claims[tick]?.contains { $0.record.epoch != epoch && $0.counts == write.off } ?? false
    }

    /// The write carries an earlier command of a lower epoch that was one: a stale owner drove.
    private func carriesPastEpoch(_ write: MotorRecord, _ tick: UInt64, _ epoch: UInt64) -> Bool {
        guard epoch != 0, !matches(write, tick, ofEpoch: epoch), !matches(write, tick - 1, ofEpoch: epoch) else {
            return false
        }
        return claims[tick]?.contains { $0.record.epoch != 0 && $0.record.epoch < epoch && $0.counts == write.off }
            ?? false
    }
}

extension TickLedger {
    package var missed: Int { count(.missed) }
    package var late: Int { count(.late) }
    package var held: Int { count(.held) }
    package var failsafe: Int { count(.failsafe) }
    package var doubled: Int { entries.count { $0.isDoubled } }
    package var torn: Int { entries.count { $0.isTorn } }
    package var twoOwner: Int { entries.count { $0.isTwoOwner } }
    package var stale: Int { entries.count { $0.isStale } }

    private func count(_ finding: Finding) -> Int { entries.count { $0.finding == finding } }
}
