import Contract

/// What the wires to the motors' chip say of a flight, and nothing else does: neither our core's word nor our containers'.
///
/// Tells ticks without a complete actuation, with two, and with a torn one; and pulses that no write has asked for. Who
/// commanded cannot be seen on a wire. Pure.
package struct WireLedger: Sendable {
    /// Levels of `CaptureBoard.lines`, by their bits.
    private enum Bit {
        static let clock: UInt32 = 1 << 0
        static let data: UInt32 = 1 << 1
        static let outputEnable: UInt32 = 1 << 2
        static func motor(_ motor: Int) -> UInt32 { 1 << UInt32(3 + motor) }
    }

    /// Of the tick: a write that is earlier than its tick's beginning by less is of that tick.
    private static let slack = 0.125
    /// How fast the clocks of vehicle and analyser may drift apart: twice what two crystals may.
    private static let drift = 200e-6
    /// Writes from which the beginning of the ticks is told, and which of them in the order of lateness.
    private static let phaseWrites = 500
    private static let phaseShare = 0.05
    /// ns: the chip takes counts over at a STOP; a pulse that begins so near to one may be of either side.
    private static let latch = 2_000.0
    /// Counts by which a pulse may differ: one for the analyser's sampling, and the oscillator's tolerance.
    private static let counts = 1.5
    private static let oscillatorShare = 0.03

    /// One write to the motors' registers.
    private struct Write {
        var stop: UInt64
        var isComplete: Bool
    }

    private let board: CaptureBoard
    private var transfers = WireTransfers()
    private var levels: UInt32?
    private var first: UInt64 = 0
    private var last: UInt64 = 0
    private var writes: [Write] = []
    /// Registers of the four motors' channels, and what they were before the last STOP.
    private var registers = [UInt8](repeating: 0, count: 16)
    private var formerRegisters = [UInt8](repeating: 0, count: 16)
    private var latched: UInt64 = 0
    /// A complete write has been seen: from there on the registers are known.
    private var isTold = false
    private var enabledSince: UInt64?
    private var rises: [UInt64?] = [nil, nil, nil, nil]
    private var report = CaptureReport()

    package init(_ board: CaptureBoard) { self.board = board }

    /// Levels from `time` (ns) on.
    package mutating func take(_ time: UInt64, _ new: UInt32) {
        defer { (levels, last) = (new, time) }
        guard let old = levels else {
            first = time
            if new & Bit.outputEnable == 0 { enabledSince = time }
            _ = transfers.take(time, clock: new & Bit.clock != 0, data: new & Bit.data != 0)
            return
        }
        if enabledSince != nil { report.enabledSeconds += Double(time - last) / 1e9 }
        let isOff = new & Bit.outputEnable != 0
        if let transfer = transfers.take(time, clock: new & Bit.clock != 0, data: new & Bit.data != 0) {
            take(transfer)
        }
        for motor in 0..<4 where (old ^ new) & Bit.motor(motor) != 0 {
            edge(motor, time, isRise: new & Bit.motor(motor) != 0, isOff: isOff)
        }
        if (old ^ new) & Bit.outputEnable != 0 { enabledSince = isOff ? nil : time }
    }

    // MARK: Writes

    private mutating func take(_ transfer: WireTransfers.Transfer) {
        guard transfer.address == board.address, !transfer.isRead, let register = transfer.bytes.first,
            register >= board.firstRegister, register < board.firstRegister + 16
        else { return }
        // What was not acknowledged was not taken, nor anything behind it.
        let taken = transfer.refusedAt.map { max(0, $0) } ?? transfer.bytes.count
        formerRegisters = registers
        latched = transfer.stop
        for (index, byte) in transfer.bytes.prefix(taken).dropFirst().enumerated() {
            let at = Int(register - board.firstRegister) + index
            if at < registers.count { registers[at] = byte }
        }
        let isComplete = register == board.firstRegister && taken >= 17
        isTold = isTold || isComplete
        // Without outputs nothing turns, and a chip is set up at its own pace.
        if enabledSince != nil { writes.append(Write(stop: transfer.stop, isComplete: isComplete)) }
    }

    // MARK: Pulses

    private mutating func edge(_ motor: Int, _ time: UInt64, isRise: Bool, isOff: Bool) {
        if isRise {
            rises[motor] = time
            if isOff { report.pulsesBehindOutputEnable += 1 }
            return
        }
        guard let rise = rises[motor] else { return }
        rises[motor] = nil
        // One that began without outputs, or was cut off with them, has no width of its own; before the first write none is known.
        guard let since = enabledSince, since < rise, !isOff, isTold else { return }
        report.pulses += 1
        let width = Double(time - rise)
        let isNear = Double(rise) - Double(latched) < Self.latch
        if fits(width, width: wanted(motor, registers)) { return }
        if isNear, fits(width, width: wanted(motor, formerRegisters)) { return }
        report.pulsesNotTold += 1
        if report.firstPulseNotTold == nil { report.firstPulseNotTold = Double(rise - first) / 1e9 }
    }

    /// ns of the pulse that the registers ask for (data sheet, 7.3.3).
    private func wanted(_ motor: Int, _ registers: [UInt8]) -> Double {
        let at = board.order[motor] * 4
        let on = UInt16(registers[at]) | UInt16(registers[at + 1]) << 8
        let off = UInt16(registers[at + 2]) | UInt16(registers[at + 3]) << 8
        guard on & 0x1000 == 0, off & 0x1000 == 0 else { return 0 }
        return Double((off &- on) & 0xFFF) * board.count
    }

    private func fits(_ measured: Double, width: Double) -> Bool {
        abs(measured - width) <= Self.counts * board.count + Self.oscillatorShare * width
    }

    // MARK: Ticks

    /// What all of it comes to.
    package func ended() -> CaptureReport {
        var report = report
        report.seconds = Double(last - first) / 1e9
        let complete = writes.filter(\.isComplete).map { Double($0.stop) }
        report.completeWrites = complete.count
        report.gaps = Distribution(zip(complete.dropFirst(), complete).map { ($0 - $1) / 1e3 })
        countTicks(complete, into: &report)
        countTorn(into: &report)
        return report
    }

    /// Ticks without and with more than one complete write, between the first and the last.
    private func countTicks(_ complete: [Double], into report: inout CaptureReport) {
        guard let begin = complete.first else { return }
        report.ticks = 1
        // Where a tick's write ends if nothing is late: it follows the earliest, and no faster up than two clocks drift.
        var base = begin + phase(complete.prefix(Self.phaseWrites).map { $0 - begin })
        for time in complete.dropFirst() {
            let passed = ((time - base) / board.tick + Self.slack).rounded(.down)
            guard passed >= 1 else {
                report.doubled += 1
                continue
            }
            report.ticks += Int(passed)
            report.missed += Int(passed) - 1
            base += passed * board.tick
            base = min(time, base + passed * board.tick * Self.drift)
        }
    }

    /// ns by which the earliest of the first writes lie before the first one's rhythm.
    private func phase(_ times: [Double]) -> Double {
        let rests = times.map { $0 - ($0 / board.tick).rounded() * board.tick }.sorted()
        guard !rests.isEmpty else { return 0 }
        return min(0, rests[Int(Double(rests.count) * Self.phaseShare)])
    }

    /// Torn writes that no complete one has mended within a tick.
    private func countTorn(into report: inout CaptureReport) {
        for (index, write) in writes.enumerated() where !write.isComplete {
            report.incompleteWrites += 1
            let mended = writes[(index + 1)...].prefix(4)
                .contains { $0.isComplete && Double($0.stop - write.stop) < board.tick }
            if !mended { report.torn += 1 }
        }
    }
}
