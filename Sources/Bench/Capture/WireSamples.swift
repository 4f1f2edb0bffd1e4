package import Simulator

/// Levels of the wires, sample by sample, that a log of the motor chip means: what a logic analyser would have seen. Pure.
package struct WireSamples: Sendable {
    /// s of half a bit at 400 kHz.
    private static let halfBit = 1.25e-6

    private let board: CaptureBoard
    /// ns of a sample.
    private let period: Double
    private let half: Int

    package init(_ board: CaptureBoard, rate: Int) {
        self.board = board
        period = 1e9 / Double(rate)
        half = max(2, Int((Self.halfBit * Double(rate)).rounded()))
    }

    /// One byte a sample, `CaptureBoard.lines` in its bits; empty where no record is in `window` (ns).
    package func make(_ records: [MotorRecord], _ window: Range<UInt64>) -> [UInt8] {
        let count = Int(Double(window.upperBound - window.lowerBound) / period)
        let shown = records.filter { window.contains($0.stop) }
        guard let before = shown.first, count > 0 else { return [] }
        var samples = [UInt8](repeating: 0b11, count: count)
        func index(_ time: UInt64) -> Int {
            time < window.lowerBound ? 0 : min(count, Int(Double(time - window.lowerBound) / period))
        }
        func set(_ bit: UInt8, _ range: Range<Int>, _ level: Bool) {
            for at in range.clamped(to: 0..<count) { if level { samples[at] |= bit } else { samples[at] &= ~bit } }
        }
        // Output enable, low where it drives, from one write to the next.
        var enabled = before.flags.contains(.outputsEnabled)
        var since = 0
        for record in shown where record.flags.contains(.outputsEnabled) != enabled {
            set(0b100, since..<index(record.stop), !enabled)
            (enabled, since) = (!enabled, index(record.stop))
        }
        set(0b100, since..<count, !enabled)
        for record in shown { put(transfer(record), endingAt: index(record.stop), into: &samples) }
        for (record, next) in zip(shown, shown.dropFirst().map(\.effective) + [window.upperBound])
        where record.flags.contains(.outputsEnabled) && !record.flags.contains(.asleep) {
            pulses(record, until: next) { motor, range in
                set(1 << UInt8(3 + motor), index(range.lowerBound)..<index(range.upperBound), true)
            }
        }
        return samples
    }

    /// Pulses begin at each turn of the chip's counter.
    private func pulses(_ record: MotorRecord, until next: UInt64, _ make: (Int, Range<UInt64>) -> Void) {
        var turn = Double(record.effective)
        // A chip that stopped is no endless loop.
        for _ in 0..<100_000 where turn + board.turn / 2 < Double(next) {
            for motor in 0..<4 where record.pulse[motor] > 0 {
                make(motor, UInt64(turn)..<UInt64(turn) + UInt64(record.pulse[motor]))
            }
            turn += board.turn
        }
    }

    /// Levels of clock and data, a sample a step of half a bit: START, bytes, STOP.
    private func transfer(_ record: MotorRecord) -> [UInt8] {
        var steps: [UInt8] = [0b11, 0b01, 0b00]
        func bit(_ level: Bool) { steps += [level ? 0b10 : 0b00, level ? 0b11 : 0b01] }
        func byte(_ byte: UInt8, isTaken: Bool) {
            for index in (0..<8).reversed() { bit(byte >> UInt8(index) & 1 == 1) }
            bit(!isTaken)
        }
        byte(board.address << 1, isTaken: record.taken > 0 || record.isComplete)
        var bytes = [record.firstRegister]
        // Registers of the four channels in the chip's order, whatever motor they belong to.
        var registers = [UInt8](repeating: 0, count: 16)
        for motor in 0..<4 {
            let at = board.order[motor] * 4
            for (offset, value) in [record.on[motor], record.off[motor]].enumerated() {
                registers[at + 2 * offset] = UInt8(truncatingIfNeeded: value)
                registers[at + 2 * offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
            }
        }
        bytes += registers.prefix(Int(record.count))
        if record.taken > 0 || record.isComplete {
            for (index, value) in bytes.enumerated() {
                let isTaken = record.isComplete || index <= Int(record.taken)
                byte(value, isTaken: isTaken)
                guard isTaken else { break }
            }
        }
        return steps + [0b00, 0b01, 0b11]
    }

    private func put(_ steps: [UInt8], endingAt end: Int, into samples: inout [UInt8]) {
        let begin = end - (steps.count - 1) * half
        for (index, step) in steps.enumerated() {
            let from = begin + index * half
            for at in max(0, from)..<max(0, min(samples.count, from + half)) {
                samples[at] = samples[at] & ~0b11 | step
            }
        }
    }
}
