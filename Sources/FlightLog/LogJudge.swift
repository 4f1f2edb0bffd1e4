internal import Contract

/// Judges a flight from its log, message by message.
package struct LogJudge {
    /// Origins of what the motors were told, as the core numbers them (`Arbiter.Origin`; a test compares them).
    package enum Origin: UInt64 {
        case nobody, fresh, late, held, failsafe
    }

    /// Changes of owner that are listed.
    private static let watchLimit = 10_000
    /// Ticks that one gap counts for at most: a day at 1000 Hz.
    private static let absentLimit: UInt64 = 86_400_000

    private var scanner = ULogScanner()
    private var verdict = LogVerdict()
    private var begun: UInt64?
    private var former: (tick: UInt64, isArmed: Bool)?
    private var written: UInt64?
    /// Who first flew with each epoch; a flight has few.
    private var owners: [UInt64: UInt64] = [:]
    private var highest: UInt64 = 0

    package init() {}

    /// Reads on.
    package mutating func read(_ chunk: [UInt8]) {
        for message in scanner.read(chunk) {
            switch message.topic.name {
            case "owner": turn(message)
            case "ownership": judge(message)
            default: break
            }
        }
    }

    /// The verdict on what was read.
    package func finish() -> LogVerdict {
        var verdict = verdict
        verdict.isCut = !scanner.isWhole
        verdict.faults = scanner.isNone ? ["no ULog's beginning"] : scanner.faults
        return verdict
    }

    private mutating func turn(_ message: ULogScanner.Message) {
        guard let tick = message.whole("tick"), let epoch = message.whole("epoch"),
            let time = message.whole("timestamp"),
            verdict.watches.count < Self.watchLimit
        else { return }
        let cause = message.whole("cause").flatMap { SwitchCause(rawValue: UInt8(clamping: $0)) }
        let seconds = seconds(at: time)
        verdict.watches.append(
            LogVerdict.Watch(
                name: message.text("name"), epoch: epoch, cause: cause.map { "\($0)" } ?? "", firstTick: tick,
                lastTick: tick, from: seconds, to: seconds))
    }

    private mutating func judge(_ message: ULogScanner.Message) {
        guard let tick = message.whole("tick"), let epoch = message.whole("epoch"),
            let time = message.whole("timestamp"),
            let origin = message.whole("origin").flatMap(Origin.init), let result = message.value("write_result")
        else { return }
        if let last = verdict.watches.indices.last {
            verdict.watches[last].lastTick = tick
            verdict.watches[last].to = seconds(at: time)
        }
        let isArmed = origin != .nobody
        if let former, isArmed || former.isArmed {
            if tick <= former.tick {
                verdict.doubled += 1
            } else {
                // A number that a disk has spoilt is no count: it may not overflow the sum.
                verdict.missed += Int(min(tick - former.tick - 1, Self.absentLimit))
            }
        }
        former = (tick, isArmed)
        guard isArmed else {
            written = nil
            return
        }
        verdict.ticks += 1
        if result != 0 { verdict.missed += 1 } else { noteWrite(message.whole("written_us") ?? time) }
        switch origin {
        case .held: verdict.held += 1
        case .late: verdict.late += 1
        case .failsafe: verdict.failsafe += 1
        case .fresh, .nobody: break
        }
        noteOwner(epoch, message.value("instance") ?? -1, flies: origin == .fresh || origin == .late)
    }

    private mutating func noteWrite(_ time: UInt64) {
        if let written, time > written { verdict.worstGap = max(verdict.worstGap, Double(time - written) / 1e6) }
        written = time
    }

    private mutating func noteOwner(_ epoch: UInt64, _ slot: Double, flies: Bool) {
        if epoch < highest { verdict.pastEpochs += 1 }
        highest = max(highest, epoch)
        guard flies, let slot = UInt64(exactly: slot) else { return }
        if owners[epoch, default: slot] != slot { verdict.twoOwner += 1 }
        owners[epoch, default: slot] = owners[epoch, default: slot]
        // Epochs only rise: those far below are not needed any more.
        if owners.count > 1000 { owners = owners.filter { $0.key >= highest } }
    }

    /// Since the log's first tick.
    private mutating func seconds(at time: UInt64) -> Double {
        let first = begun ?? time
        begun = first
        return Double(time &- first) / 1e6
    }
}
