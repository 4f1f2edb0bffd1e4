package import CContract
import Contract
package import FlightCore
package import Simulator

/// Joins what the motor chip was really told to what each container logged of its own commands.
///
/// The core's word is not asked. A tick is served only if a write that reached the motors carries the command that
/// the owner computed from that tick's sample. Who the owner is follows from the containers' logs: whoever first
/// answered with the highest epoch so far; an epoch that was superseded never comes back, even if its successor
/// falls silent. Where two containers' commands make the same pulses the owner's is taken to be written: the motors
/// cannot tell either.
package struct TickLedger {
    /// What the last write of a tick carried, in the order in which explanations are tried.
    package enum Finding: UInt8, Sendable {
        /// The owner's command for this tick's sample, within the tick.
        case served
        /// The owner's command for the sample before; or that for this tick's, written after the tick's end.
        case late
        /// The values that the motors had already; for a single tick only if the owner computed nothing for it.
        case held
        /// A command of a past epoch, or an older one of the owner.
        case stale
        /// A command of another container.
        case foreign
        /// The core's own failsafe, by its log; or values of nobody's command, or of an owner that was killed before it
        /// wrote its last ones down.
        case failsafe
        /// Nothing reached the motors.
        case missed
    }

    package struct Entry: Sendable {
        package var tick: UInt64
        /// ns.
        package var scheduled: UInt64
        /// Epoch of the owner; 0: nobody has owned yet.
        package var epoch: UInt64
        package var owner: String
        package var finding: Finding
        /// When the last write that reached the motors ended, ns; 0: never.
        package var written: UInt64
        package var isDoubled = false
        package var isTorn = false
        /// A write carried another container's command, or another container claims the owner's epoch.
        package var isTwoOwner = false
        /// A write carried a command of a past epoch, or an outdated one of the owner.
        package var isStale = false
    }

    /// The name of the core's own failsafe in `logs`: no container, so it is nobody's second owner. Where its own log
    /// is there, its values are told from an old command that happens to make the same pulses.
    package static let failsafe = "failsafe"

    package private(set) var entries: [Entry] = []

    /// Ticks over which a command is still recognised as an old one: half a second at 500 Hz. Older values count as
    /// nobody's; the verdict fails either way.
    private static let memory = 250

    /// What a flight container that is killed has not written of its log yet, ns: it writes every 50 ms.
    package static let unwritten: UInt64 = 100_000_000

    private struct Claim {
        var container: String
        var epoch: UInt64
        var counts: SIMD4<UInt16>
    }

    private struct Tick {
        /// ns.
        var begin: UInt64 = 0
        var end: UInt64 = 0
        /// Commands for its sample, of all containers.
        var claims: [Claim] = []
        var epoch: UInt64 = 0
        var owner = ""
    }

    private let period: UInt64
    private let unwritten: UInt64
    private var ticks: [Tick] = []
    /// Index of each container's last logged tick.
    private var ends: [String: Int] = [:]
    /// The tick of the sample before, as the core has it: the last that was not slept through; -1: there is none yet.
    private var former = -1

    /// Judges every tick inside `window` (ns), be it logged or not: `motors` is the chip's own log in the order of
    /// time, `logs` each container's own command log by its name, `period` a tick's length in ns. `unwritten` (ns) is
    /// for flights whose containers are killed: for so long behind the end of an owner's log, what was its own last
    /// command is not taken for an old one or a shadow's. A past owner's claim to that very sample still is one.
    package init(
        motors: [MotorRecord], logs: [String: [da_command_record]], encoding: PCA9685.Encoding, period: UInt64,
        window: Range<UInt64>, unwritten: UInt64 = 0
    ) {
        (self.period, self.unwritten) = (period, unwritten)
        let first = lay(logs, encoding, window)
        nameOwners()
        let end = ticks.last?.end ?? 0
        judge(first, motors.filter { $0.stop >= window.lowerBound && $0.stop < end + period })
        ticks.removeAll()
    }

    // MARK: Ticks

    /// Lays the window out in ticks, with all claims; returns the first one's number.
    private mutating func lay(
        _ logs: [String: [da_command_record]], _ encoding: PCA9685.Encoding, _ window: Range<UInt64>
    ) -> UInt64 {
        var records: [(container: String, record: da_command_record)] = []
        for (name, log) in logs.sorted(by: { $0.key < $1.key }) {
            for record in log where window.contains(record.sample_ns) { records.append((name, record)) }
        }
        guard let low = records.min(by: { $0.record.tick < $1.record.tick })?.record,
            let high = records.max(by: { $0.record.tick < $1.record.tick })?.record
        else { return 0 }
        // Also the ticks before the first and behind the last that anybody logged.
        let before = min(low.tick, (low.sample_ns - window.lowerBound) / period)
        let behind = (window.upperBound - 1 - high.sample_ns) / period
        // Ticks are never closer than a period: a log that says so is none.
        let span = high.tick - low.tick
        guard span <= (window.upperBound - window.lowerBound) / period + 1 else { return 0 }
        let first = low.tick - before
        ticks = [Tick](repeating: Tick(), count: Int(before + span + behind + 1))
        for (name, record) in records {
            let index = Int(record.tick - first)
            ticks[index].begin = record.sample_ns
            let counts = SIMD4(
                encoding.count(record.motor.0), encoding.count(record.motor.1), encoding.count(record.motor.2),
                encoding.count(record.motor.3))
            ticks[index].claims.append(Claim(container: name, epoch: record.epoch, counts: counts))
            ends[name] = max(ends[name] ?? 0, index)
        }
        // A tick that no container got a sample for was slept through: it lies where it should have been.
        var begin = low.sample_ns - before * period
        for index in ticks.indices {
            if ticks[index].begin == 0 { ticks[index].begin = begin }
            begin = ticks[index].begin + period
        }
        for index in ticks.indices {
            ticks[index].end = index + 1 < ticks.count ? ticks[index + 1].begin : ticks[index].begin + period
        }
        return first
    }

    private mutating func nameOwners() {
        var (epoch, owner) = (UInt64(0), "")
        for index in ticks.indices {
            if let highest = ticks[index].claims.max(by: { $0.epoch < $1.epoch }), highest.epoch > epoch {
                (epoch, owner) = (highest.epoch, highest.container)
            }
            ticks[index].epoch = epoch
            ticks[index].owner = owner
        }
    }

    // MARK: Writes

    private mutating func judge(_ first: UInt64, _ writes: [MotorRecord]) {
        var next = 0
        var previous: MotorRecord?
        for index in ticks.indices {
            // Only ahead of the first tick: from there on one tick ends where the next begins.
            while next < writes.count, writes[next].stop < ticks[index].begin { next += 1 }
            var mine: [MotorRecord] = []
            while next < writes.count {
                let following = next + 1 < writes.count ? writes[next + 1] : nil
                guard belongs(writes[next], index, hasOne: !mine.isEmpty, previous, following) else { break }
                mine.append(writes[next])
                next += 1
            }
            entries.append(entry(index, first, mine, previous))
            if let write = mine.last(where: Self.reachesMotors) { previous = write }
            // A tick that the machine slept through has neither sample nor write.
            if !ticks[index].claims.isEmpty || !mine.isEmpty { former = index }
        }
    }

    /// All bytes taken, by a chip that is awake and whose outputs are on.
    private static func reachesMotors(_ write: MotorRecord) -> Bool {
        write.isComplete && write.flags.contains(.outputsEnabled) && !write.flags.contains(.asleep)
    }

    /// A write belongs to the tick in whose time it ended. One that overran a tick which has none yet still belongs to
    /// that tick if it carries what that tick may carry (its command, the one before, or the held values), and not the
    /// next tick's command. Two ticks' commands may make the same pulses: then the write is the next tick's only if no
    /// write follows that serves the next tick, so that writes keep the order of their ticks.
    ///
    /// Where the machine slept over ticks while the write was under way, the next tick is the one that it woke in: there
    /// both end, the one that was under way and that tick's own.
    private func belongs(
        _ write: MotorRecord, _ index: Int, hasOne: Bool, _ previous: MotorRecord?, _ following: MotorRecord?
    ) -> Bool {
        let end = ticks[index].end
        if write.stop < end { return true }
        let next = woken(behind: index)
        let limit = (ticks.indices.contains(next) ? ticks[next].begin : end) + period
        guard !hasOne, write.stop < limit else { return false }
        if serves(write, next), !serves(following, next) { return false }
        if isOf(index, write) { return true }
        return write.stop < end + period && (carries(write, former, of: index) || same(write, previous))
    }

    /// The tick behind this one; behind ticks that the machine slept through, the one in which it woke.
    private func woken(behind index: Int) -> Int {
        guard !ticks[index].claims.isEmpty else { return index + 1 }
        var next = index + 1
        // Bound: the window's ticks.
        while ticks.indices.contains(next), ticks[next].claims.isEmpty { next += 1 }
        return ticks.indices.contains(next) ? next : index + 1
    }

    /// Whether a write carries the owner's or the failsafe's command for this tick's sample and came at most a tick after
    /// its end.
    private func serves(_ write: MotorRecord?, _ index: Int) -> Bool {
        guard let write, ticks.indices.contains(index), write.stop < ticks[index].end + period else { return false }
        return isOf(index, write)
    }

    private func isOf(_ index: Int, _ write: MotorRecord) -> Bool {
        carries(write, index, of: index) || carriesFailsafe(write, index)
    }

    private func same(_ write: MotorRecord, _ previous: MotorRecord?) -> Bool {
        previous.map { $0.on == write.on && $0.off == write.off } ?? false
    }

    /// Whether a write carries the command for the sample of tick `sample` by the one who owns tick `index`.
    private func carries(_ write: MotorRecord, _ sample: Int, of index: Int) -> Bool {
        let (epoch, owner) = (ticks[index].epoch, ticks[index].owner)
        return epoch != 0 && claims(sample, write) { $0.epoch == epoch && $0.container == owner }
    }

    /// Whether a write makes the pulses of a command for the sample of tick `sample` that is of this kind. Every
    /// pulse begins at count 0: one that does not is another.
    private func claims(_ sample: Int, _ write: MotorRecord, _ kind: (Claim) -> Bool) -> Bool {
        guard ticks.indices.contains(sample), write.on == .zero else { return false }
        return ticks[sample].claims.contains { $0.counts == write.off && kind($0) }
    }

    private func entry(_ index: Int, _ first: UInt64, _ writes: [MotorRecord], _ previous: MotorRecord?) -> Entry {
        let tick = ticks[index]
        let complete = writes.filter(Self.reachesMotors)
        var entry = Entry(
            tick: first + UInt64(index), scheduled: tick.begin, epoch: tick.epoch, owner: tick.owner, finding: .missed,
            written: complete.last?.stop ?? 0)
        entry.isTorn = writes.contains { !$0.isComplete }
        entry.isDoubled = complete.count > 1
        entry.isTwoOwner =
            tick.epoch != 0
            && tick.claims.contains {
                $0.epoch == tick.epoch && $0.container != tick.owner && $0.container != Self.failsafe
            }
        for write in complete {
            entry.finding = finding(write, index, previous)
            switch entry.finding {
            case .stale:
                entry.isStale = true
                if carriesForeign(write, index) { entry.isTwoOwner = true }
            case .foreign: entry.isTwoOwner = true
            case .served, .late, .held, .failsafe, .missed: break
            }
        }
        return entry
    }

    private func finding(_ write: MotorRecord, _ index: Int, _ previous: MotorRecord?) -> Finding {
        if carries(write, index, of: index), ticks[index].owner != Self.failsafe {
            return write.stop < ticks[index].end ? .served : .late
        }
        if carriesFailsafe(write, index) { return .failsafe }
        let isSame = same(write, previous)
        // An owner that computed nothing for this sample is not late: its last values hold.
        if carries(write, former, of: index), !isSame || ownerAnswered(index) { return .late }
        if isSame { return .held }
        // A hover's commands differ by a count or two: without the owner's own, an old one seems to be there by chance.
        if isUnwritten(index), !claimsPast(write, index) { return .failsafe }
        if carriesOld(write, index) { return .stale }
        return carriesForeign(write, index) ? .foreign : .failsafe
    }

    /// Behind a restart the failsafe flies in its owner's epoch until that is back.
    private func carriesFailsafe(_ write: MotorRecord, _ index: Int) -> Bool {
        let epoch = ticks[index].epoch
        return claims(index, write) { $0.container == Self.failsafe && $0.epoch == epoch }
    }

    /// Whether the owner was killed just before, so that its log lacks what it commanded for this tick.
    private func isUnwritten(_ index: Int) -> Bool {
        guard let end = ends[ticks[index].owner], index > end else { return false }
        return ticks[index].begin < ticks[end].begin + unwritten
    }

    /// A command for this very sample that claims a superseded epoch.
    private func claimsPast(_ write: MotorRecord, _ index: Int) -> Bool {
        let epoch = ticks[index].epoch
        return claims(index, write) { $0.container != Self.failsafe && $0.epoch != 0 && $0.epoch < epoch }
    }

    private func ownerAnswered(_ index: Int) -> Bool {
        ticks[index].claims.contains { $0.epoch == ticks[index].epoch && $0.container == ticks[index].owner }
    }

    /// A command of an epoch that was superseded, or one of the owner for an older sample than the one before.
    private func carriesOld(_ write: MotorRecord, _ index: Int) -> Bool {
        let epoch = ticks[index].epoch
        return (max(0, index - Self.memory)...index).contains { sample in
            claims(sample, write) {
                $0.container != Self.failsafe && $0.epoch != 0
                    && ($0.epoch < epoch || ($0.epoch == epoch && sample < former))
            }
        }
    }

    /// Another container's command for this tick's sample or the one before.
    private func carriesForeign(_ write: MotorRecord, _ index: Int) -> Bool {
        let owner = ticks[index].owner
        return (max(0, former)...index).contains {
            claims($0, write) { $0.container != owner && $0.container != Self.failsafe }
        }
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
