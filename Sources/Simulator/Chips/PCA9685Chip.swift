/// NXP PCA9685, the pulse generator of the motors, at register level (data sheet rev. 4).
///
/// It has no watchdog: what it was told last it repeats for ever.
package struct PCA9685Chip {
    /// Register addresses, named as in the data sheet (7.3).
    package enum Register {
        package static let mode1: UInt8 = 0x00
        package static let mode2: UInt8 = 0x01
        package static let led0: UInt8 = 0x06  // LED0_ON_L; four registers a channel
        package static let allLed: UInt8 = 0xFA  // ALL_LED_ON_L
        package static let prescale: UInt8 = 0xFE  // PRE_SCALE
        fileprivate static let ledLast = 0x45
    }

    package enum Bit {
        package static let restart: UInt8 = 0x80  // MODE1
        package static let autoIncrement: UInt8 = 0x20  // MODE1
        package static let sleep: UInt8 = 0x10  // MODE1
        package static let changeOnAck: UInt8 = 0x08  // MODE2 OCH
        package static let full: UInt8 = 0x10  // LEDn_ON_H, LEDn_OFF_H
    }

    package static let channels = 16

    /// ns from waking up until the oscillator runs (data sheet 7.3.1.1: 500 µs).
    private static let oscillatorStart: UInt64 = 500_000

    /// One channel's output: a pulse until `since`, then the next one.
    private struct Output {
        var width = 0.0
        var next = 0.0
        /// ns at which the first pulse of the width `next` has ended.
        var since: UInt64 = 0
    }

    /// Hz, the real rate of its 25 MHz oscillator.
    private let oscillator: Double
    private var mode1: UInt8 = 0x11
    private var mode2: UInt8 = 0x04
    private var prescale: UInt8 = 0x1E
    private var led = [UInt8](repeating: 0, count: 4 * channels)
    private var outputs = [Output](repeating: Output(), count: channels)
    /// ns at which the counter was zero.
    private var counterStart: UInt64 = 0
    /// Level of the active-low OE pin, as a logical value; set by the board's line.
    package var outputsEnabled = false

    /// - Parameter oscillatorError: rate over 25 MHz, minus 1 (parts differ by some percent).
    package init(oscillatorError: Double) {
        oscillator = 25e6 * (1 + oscillatorError)
        reset()
    }

    /// Back to the state of power-up: asleep, all outputs off.
    package mutating func reset() {
        mode1 = 0x11
        mode2 = 0x04
        prescale = 0x1E
        for channel in 0..<Self.channels {
            led[4 * channel] = 0
            led[4 * channel + 1] = 0
            led[4 * channel + 2] = 0
            led[4 * channel + 3] = Bit.full
            outputs[channel] = Output()
        }
    }

    // MARK: bus

    /// Reads `count` bytes from `register` on.
    package mutating func read(_ register: UInt8, count: Int, at time: UInt64) -> Block {
        var block = Block(count: count)
        var at = Int(register)
        for index in 0..<block.count {
            block[index] = value(at)
            at = following(at)
        }
        return block
    }

    private func value(_ register: Int) -> UInt8 {
        switch register {
        case 0x00: mode1
        case 0x01: mode2
        case 0x02: 0xE2  // SUBADR1 to SUBADR3, ALLCALLADR as at reset
        case 0x03: 0xE4
        case 0x04: 0xE8
        case 0x05: 0xE0
        case Int(Register.led0)...Register.ledLast: led[register - Int(Register.led0)]
        case Int(Register.prescale): prescale
        default: 0  // ALL_LED reads as zero
        }
    }

    /// The register behind `register`: the pointer counts up only with AI set, and turns over behind the
    /// last channel.
    private func following(_ register: Int) -> Int {
        guard mode1 & Bit.autoIncrement != 0 else { return register }
        return register == Register.ledLast ? 0 : (register + 1) & 0xFF
    }

    /// Writes the bytes from `register` on; the transfer's STOP is at `stop`. A torn transfer comes here
    /// with the bytes that were acknowledged: its STOP latches them as they are.
    package mutating func write(_ register: UInt8, _ block: Block, at stop: UInt64) {
        var at = Int(register)
        var touched = false
        for index in 0..<block.count {
            touched = set(at, block[index], at: stop) || touched
            at = following(at)
        }
        guard touched && mode2 & Bit.changeOnAck == 0 else { return }
        for channel in 0..<Self.channels { latch(channel, at: stop) }
        resume()
    }

    /// Sets one register; true if it belongs to a channel.
    private mutating func set(_ register: Int, _ value: UInt8, at stop: UInt64) -> Bool {
        switch register {
        case Int(Register.mode1): setMode1(value, at: stop)
        case Int(Register.mode2): mode2 = value & 0x1F
        case Int(Register.prescale):
            // Blocked while awake; the least value is 3 (data sheet 7.3.5).
            if mode1 & Bit.sleep != 0 { prescale = max(3, value) }
        case Int(Register.led0)...Register.ledLast:
            let index = register - Int(Register.led0)
            led[index] = index & 1 == 1 ? value & 0x1F : value
            if mode2 & Bit.changeOnAck != 0 && index & 3 == 3 { latchOnAck(index / 4, at: stop) }
            return true
        case Int(Register.allLed)..<Int(Register.allLed) + 4:
            let index = register - Int(Register.allLed)
            for channel in 0..<Self.channels {
                led[4 * channel + index] = index & 1 == 1 ? value & 0x1F : value
                if mode2 & Bit.changeOnAck != 0 && index == 3 { latchOnAck(channel, at: stop) }
            }
            return true
        default: break
        }
        return false
    }

    private mutating func setMode1(_ value: UInt8, at time: UInt64) {
        let slept = isAsleep
        var restart = mode1 & Bit.restart
        mode1 = value & ~Bit.restart
        if isAsleep {
            // Stopped while its channels ran: RESTART stands until they are told to go on (7.3.1.1).
            if !slept { restart = Bit.restart }
        } else {
            if slept { wake(at: time) }
            // Writing 1 clears it, and the channels go on as they were.
            if value & Bit.restart != 0 { restart = 0 }
        }
        mode1 |= restart
    }

    /// The counter starts anew, maybe with another period; the first pulses come with it.
    private mutating func wake(at time: UInt64) {
        counterStart = time &+ Self.oscillatorStart
        for channel in 0..<Self.channels {
            let end = Double(counts(channel).off & 0xFFF) / 4096 * period * 1e9
            outputs[channel] = Output(width: 0, next: width(channel), since: counterStart &+ UInt64(end))
        }
    }

    private mutating func latchOnAck(_ channel: Int, at time: UInt64) {
        latch(channel, at: time)
        resume()
    }

    /// New counts clear RESTART as well.
    private mutating func resume() { mode1 &= ~Bit.restart }

    // MARK: outputs

    /// s, one turn of the 12-bit counter.
    package var period: Double { 4096 * (Double(prescale) + 1) / oscillator }

    /// The channel's counts as they stand in its registers, full-on and full-off bits included.
    package func counts(_ channel: Int) -> (on: UInt16, off: UInt16) {
        let at = 4 * channel
        return (
            UInt16(led[at]) | UInt16(led[at + 1]) << 8, UInt16(led[at + 2]) | UInt16(led[at + 3]) << 8
        )
    }

    /// s, width of the pulse that the channel's registers ask for; 0: none (off, or on without an edge).
    package func width(_ channel: Int) -> Double {
        let (on, off) = counts(channel)
        guard off & 0x1000 == 0 && on & 0x1000 == 0 else { return 0 }
        return Double((off &- on) & 0xFFF) / 4096 * period
    }

    /// The new counts are taken over when the counter turns; the motor knows once the pulse has ended.
    private mutating func latch(_ channel: Int, at time: UInt64) {
        let new = width(channel)
        guard outputs[channel].next != new else { return }
        if outputs[channel].since <= time { outputs[channel].width = outputs[channel].next }
        let end = Double(counts(channel).off & 0xFFF) / 4096 * period * 1e9
        outputs[channel].next = new
        outputs[channel].since = turn(after: time) &+ UInt64(end)
    }

    /// s, width of the last complete pulse of `channel` at `time`; 0: there are none.
    @inline(__always)
    package func pulse(_ channel: Int, at time: UInt64) -> Double {
        guard outputsEnabled && mode1 & (Bit.sleep | Bit.restart) == 0 else { return 0 }
        let output = outputs[channel]
        return time >= output.since ? output.next : output.width
    }

    /// ns at which the counter turns next: then the outputs take over what was latched at `time`.
    package func turn(after time: UInt64) -> UInt64 {
        guard time > counterStart else { return counterStart }
        let turn = period * 1e9
        let turns = (Double(time - counterStart) / turn).rounded(.down) + 1
        return counterStart &+ UInt64(turns * turn)
    }

    package var isAsleep: Bool { mode1 & Bit.sleep != 0 }
}
