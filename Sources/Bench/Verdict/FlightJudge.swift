internal import Airframe
package import CContract
import Contract
package import FlightCore
package import Simulator

/// Everything that a flight left behind, judged. Pure.
package struct FlightJudge {
    package struct Evidence {
        package var motors: [MotorRecord]
        package var truth: [TruthRecord]
        package var stalls: [StallRecord]
        /// Each container's own log, by instance.
        package var logs: [String: [da_command_record]]
        /// All updates from command to end.
        package var updates: [FlightReport.Phase]
        package var encoding: PCA9685.Encoding
        /// ns.
        package var period: UInt64
        /// Asked climb rate at a time (ns), m/s.
        package var climb: (UInt64) -> Double
        /// ns; when the pilot manoeuvred: take-off and landing, which the core commands, are not measured.
        package var manoeuvres: Range<UInt64>
        /// Instances before and after the switch.
        package var old: String
        package var new: String
        /// Updates to the image that flew already.
        package var sameImage: [SameImage] = []
        /// The times are an emulator's: what follows from time alone is counted and is no verdict.
        package var isEmulated = false

        package init(
            motors: [MotorRecord], truth: [TruthRecord], stalls: [StallRecord], logs: [String: [da_command_record]],
            updates: [FlightReport.Phase], encoding: PCA9685.Encoding, period: UInt64,
            climb: @escaping (UInt64) -> Double, manoeuvres: Range<UInt64>, old: String, new: String
        ) {
            self.motors = motors
            self.truth = truth
            self.stalls = stalls
            self.logs = logs
            self.updates = updates
            self.encoding = encoding
            self.period = period
            self.climb = climb
            self.manoeuvres = manoeuvres
            self.old = old
            self.new = new
        }
    }

    /// Share of ticks that may be excused by the machine's stalls; more is inconclusive.
    private static let excusedLimit = 0.001
    /// How much more frequent stalls may be in updates, and how many a second are chance.
    private static let stallFactor = 2.0
    private static let stallSlack = 1.0
    /// Odd ticks that the report names.
    private static let oddityLimit = 20
    /// How much larger the share of late ticks may be with an update than without.
    private static let lateLimit = 0.001
    /// Share of late ticks that no flight may have: a core that is always a tick behind is as late with an update as
    /// without. Healthy flights have less than one in a thousand.
    private static let lateLimitOfAll = 0.05
    /// Commands that differ less than this are no other controller (RMS, 0 to 1).
    private static let distanceLimit = 0.02
    /// Largest step of the command at the switch, 0 to 1.
    private static let stepLimit = 0.01

    /// Fills all that the evidence says into `report`.
    package static func judge(_ evidence: Evidence, into report: inout FlightReport) {
        guard let window = FlightWindow.airborne(evidence.truth) else {
            report.reasons.append("The vehicle never flew.")
            return
        }
        let ledger = TickLedger(
            motors: evidence.motors, logs: evidence.logs, encoding: evidence.encoding, period: evidence.period,
            window: window)
        count(ledger, evidence, window, &report)
        if ledger.entries.isEmpty {
            report.reasons.append(
                "No tick can be judged; no container logged a command in the air, or the logs disagree.")
        }
        // A flight without an update has no switch to measure.
        if !evidence.updates.isEmpty || !evidence.new.isEmpty { measureSwitch(ledger, evidence, &report) }
        compareSame(evidence, &report)
        measureWindows(evidence, window, &report)
        decide(evidence, &report)
    }

    // MARK: Counting

    private static func updates(_ evidence: Evidence) -> [ClosedRange<UInt64>] {
        evidence.updates.filter { $0.end >= $0.begin }.map { UInt64($0.begin * 1e9)...UInt64($0.end * 1e9) }
    }

    private static func count(
        _ ledger: TickLedger, _ evidence: Evidence, _ window: Range<UInt64>, _ report: inout FlightReport
    ) {
        let updates = updates(evidence)
        let stalls = evidence.stalls
        report.ticks = ledger.entries.count
        let inUpdates = updates.reduce(0.0) {
            $0 + Double($1.clamped(to: window.lowerBound...window.upperBound).seconds)
        }
        report.secondsUpdate = inUpdates
        report.secondsNoUpdate = Double(window.upperBound - window.lowerBound) / 1e9 - inUpdates
        report.hostStalls = stalls.count
        report.doubled = ledger.doubled
        report.torn = ledger.torn
        report.failsafe = ledger.failsafe
        report.twoOwner = ledger.twoOwner
        report.staleApplied = ledger.stale
        for stall in stalls where window.contains(stall.start) {
            if updates.contains(where: { $0.contains(stall.start) }) {
                report.stallsUpdate += 1
            } else {
                report.stallsNoUpdate += 1
            }
        }
        // Entries and stalls are both in the order of time.
        var next = 0
        var before: (isStalled: Bool, written: UInt64)?
        for entry in ledger.entries {
            let isUpdate = updates.contains { $0.contains(entry.scheduled) }
            if isUpdate { report.ticksUpdate += 1 } else { report.ticksNoUpdate += 1 }
            guard entry.finding != .served || entry.isDoubled || entry.isTorn || entry.isTwoOwner else {
                before = nil
                continue
            }
            // A stall excuses the ticks that it overlaps, and the one behind if it began in their wake: while the
            // write of the tick before was still under way.
            while next < stalls.count, stalls[next].end <= entry.scheduled { next += 1 }
            let isStalled = next < stalls.count && stalls[next].start < entry.scheduled + evidence.period
            let inWake = before.map { $0.isStalled && ($0.written == 0 || $0.written >= entry.scheduled) } ?? false
            let isExcused = isStalled || inWake
            before = (isStalled, entry.written)
            if !isExcused, report.oddities.count < oddityLimit {
                report.oddities.append(oddity(entry))
            }
            switch entry.finding {
            case .missed: if isExcused { report.missedByStall += 1 } else { report.missed += 1 }
            case .held: if isExcused { report.heldByStall += 1 } else { report.held += 1 }
            case .late:
                if isExcused {
                    report.lateByStall += 1
                } else if isUpdate {
                    report.late += 1
                } else {
                    report.lateNoUpdate += 1
                }
            // Counted by the ledger; no stall excuses them.
            case .served, .failsafe, .stale, .foreign: break
            }
        }
    }

    private static func oddity(_ entry: TickLedger.Entry) -> String {
        var words = ["\(entry.finding)"]
        if entry.isDoubled { words.append("two writes") }
        if entry.isTorn { words.append("torn") }
        if entry.isTwoOwner { words.append("two owners") }
        return "tick \(entry.tick) at \(Double(entry.scheduled) / 1e9) s: \(words.joined(separator: ", "))"
    }

    // MARK: Measures

    private static func measureSwitch(_ ledger: TickLedger, _ evidence: Evidence, _ report: inout FlightReport) {
        guard let first = ledger.entries.first(where: { $0.owner == evidence.new }) else {
            report.reasons.append("The new container never drove the motors.")
            return
        }
        report.switchTick = first.tick
        report.switchTime = Double(first.scheduled) / 1e9
        if let moment = evidence.truth.last(where: { $0.truth.time <= first.scheduled }) {
            report.tiltAtSwitch = moment.truth.tilt
            report.rateAtSwitch = moment.truth.rate.norm
        }
        let (old, new) = (evidence.logs[evidence.old] ?? [], evidence.logs[evidence.new] ?? [])
        report.commandStep = UpdateMeasures.commandStep(old: old, new: new, switchTick: first.tick) ?? 1
        // Alike from the first common sample on; the distance is that of two opinions on the same samples.
        report.commandDistance = UpdateMeasures.commandDistance(old, new.filter { $0.tick < first.tick })
    }

    private static func compareSame(_ evidence: Evidence, _ report: inout FlightReport) {
        for update in evidence.sameImage {
            let identity = ShadowIdentity(
                owner: evidence.logs[update.old] ?? [], candidate: evidence.logs[update.new] ?? [],
                from: update.shadowBegan)
            report.sameTicksCompared += identity.compared
            report.sameTicksUnequal += identity.unequal
            report.sameGaps += identity.gaps
            if identity.compared == 0 {
                report.reasons.append("\(update.new) was never in step with \(update.old), whose image it has.")
            }
            if let tick = identity.firstUnequal {
                report.reasons.append(
                    "\(update.new) has \(update.old)'s image and its state, but commanded otherwise in \(identity.unequal) of \(identity.compared) ticks in shadow, first in tick \(tick)."
                )
            }
        }
    }

    private static func measureWindows(_ evidence: Evidence, _ window: Range<UInt64>, _ report: inout FlightReport) {
        let updates = updates(evidence)
        func isUpdate(_ time: UInt64) -> Bool { updates.contains { $0.contains(time) } }
        var with: [Double] = []
        var without: [Double] = []
        var before: UInt64?
        for write in evidence.motors where write.isComplete && window.contains(write.stop) {
            if let before {
                if isUpdate(write.stop) {
                    with.append(Double(write.stop - before) / 1e3)
                } else {
                    without.append(Double(write.stop - before) / 1e3)
                }
            }
            before = write.stop
        }
        report.gapUs.update = gaps(with)
        report.gapUs.noUpdate = gaps(without)
        // Slices of two seconds through the manoeuvres, each on one side.
        let slice = UInt64(UpdateMeasures.seconds * 1e9)
        let manoeuvres = evidence.manoeuvres.clamped(to: window)
        var begin = manoeuvres.lowerBound
        while begin + slice <= manoeuvres.upperBound {
            let measures = UpdateMeasures(truth: evidence.truth, from: begin, climb: evidence.climb)
            if isUpdate(begin) || isUpdate(begin + slice) {
                report.tiltMax.update = max(report.tiltMax.update, measures.tiltMax)
                report.altitudeErrorMax.update = max(report.altitudeErrorMax.update, measures.altitudeErrorMax)
            } else {
                report.tiltMax.noUpdate = max(report.tiltMax.noUpdate, measures.tiltMax)
                report.altitudeErrorMax.noUpdate = max(
                    report.altitudeErrorMax.noUpdate, measures.altitudeErrorMax)
            }
            begin += slice
        }
    }

    private static func gaps(_ values: [Double]) -> FlightReport.Gaps {
        let sorted = values.sorted()
        func at(_ share: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
        return FlightReport.Gaps(p50: at(0.5), p99: at(0.99), p999: at(0.999), max: sorted.last ?? 0)
    }

    // MARK: Verdict

    private static func decide(_ evidence: Evidence, _ report: inout FlightReport) {
        for (count, what) in [
            (report.doubled, "ticks with two motor writes"), (report.torn, "torn motor writes"),
            (report.twoOwner, "ticks with a second owner's command"),
            (report.staleApplied, "ticks with a past owner's or an outdated command"),
        ] where count > 0 {
            report.reasons.append("\(count) \(what).")
        }
        if !evidence.isEmulated { decideOnTime(&report) }
        if report.commandStep > stepLimit {
            report.reasons.append(
                "The command stepped by \(Int(report.commandStep * 1000)) thousandths at the switch.")
        }
        let isSame = evidence.sameImage.contains { $0.old == evidence.old }
        if report.switchTick > 0, !isSame, report.commandDistance < distanceLimit {
            report.reasons.append("Both containers commanded alike; the update was none.")
        }
        if evidence.truth.contains(where: { $0.truth.crashed }) { report.reasons.append("The vehicle crashed.") }
        let excused = report.missedByStall + report.lateByStall + report.heldByStall
        if !report.reasons.isEmpty {
            report.verdict = .fails
        } else if !evidence.isEmulated, Double(excused) > excusedLimit * Double(report.ticks) {
            report.verdict = .inconclusive
            report.reasons.append(
                "The machine stalled over \(excused) of \(report.ticks) ticks; more than 0.1 % cannot be judged.")
        } else {
            report.verdict = .holds
        }
    }

    /// What a machine that is too slow, or that an update slows down, would have too.
    private static func decideOnTime(_ report: inout FlightReport) {
        for (count, what) in [
            (report.missed, "ticks without a complete motor write"), (report.held, "ticks with held values"),
            (report.failsafe, "ticks with values of no container's command"),
        ] where count > 0 {
            report.reasons.append("\(count) \(what).")
        }
        let lateWith = share(report.late, report.ticksUpdate)
        let lateWithout = share(report.lateNoUpdate, report.ticksNoUpdate)
        if lateWith > lateWithout + lateLimit {
            report.reasons.append("\(report.late) late ticks in the update, more than without one.")
        }
        let late = report.late + report.lateNoUpdate
        if share(late, report.ticks) > lateLimitOfAll {
            report.reasons.append("\(late) of \(report.ticks) ticks were late.")
        }
        if stalledMoreInUpdates(report) {
            report.reasons.append(
                "The CPU of the flight stalled \(report.stallsUpdate) times in the updates and \(report.stallsNoUpdate) times outside, and the host's steal time did not rise with it: the update itself disturbs the flight."
            )
        }
    }

    /// Whether the stalls that excuse ticks are more frequent in updates than outside, and the host is not to blame.
    private static func stalledMoreInUpdates(_ report: FlightReport) -> Bool {
        guard report.secondsUpdate > 1, report.secondsNoUpdate > 1 else { return false }
        let with = Double(report.stallsUpdate) / report.secondsUpdate
        let without = Double(report.stallsNoUpdate) / report.secondsNoUpdate
        guard with > stallFactor * without + stallSlack else { return false }
        let stealWith = report.stealS.update / report.secondsUpdate
        let stealWithout = report.stealS.noUpdate / report.secondsNoUpdate
        return stealWith <= stealWithout * with / max(without, 0.1)
    }

    private static func share(_ count: Int, _ of: Int) -> Double { of == 0 ? 0 : Double(count) / Double(of) }
}

extension ClosedRange<UInt64> {
    fileprivate var seconds: Double { Double(upperBound - lowerBound) / 1e9 }
}
