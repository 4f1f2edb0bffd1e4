package import CContract
internal import Contract

/// What a log has for a replay, found in a first reading of it.
package struct ReplayBrief: Sendable {
    package var welcome: da_welcome
    /// With which the replay begins, and how many there are from there on.
    package var firstTick: UInt64
    package var ticks: Int
    /// s.
    package var seconds: Double
    /// The log ends in the middle of a message.
    package var isCut: Bool
}

/// Why a log cannot be replayed, in one sentence.
package struct ReplayRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = printable(description) }
}

/// Reads a log through once, before a container is started for it.
package struct ReplayReader {
    private struct Mark {
        var tick: UInt64
        var index: Int
        var time: Double
    }

    /// s in mode fly, without which there is nothing to judge.
    private static let leastSeconds = 2.0

    private var samples = LogSamples()
    private var first: (mark: Mark, mode: UInt8)?
    /// Where each slot first answered in shadow, before the vehicle was armed.
    private var answers: [Int: Mark] = [:]
    /// Slot that owned when the vehicle was armed first.
    private var armedBy: Int?
    private var isArmed = false
    private var ticks = 0
    private var last = 0.0
    private var flying = 0

    package init() {}

    /// Reads on.
    package mutating func read(_ chunk: [UInt8]) { for tick in samples.read(chunk) { take(tick) } }

    private mutating func take(_ tick: LoggedTick) {
        let mark = Mark(tick: tick.sample.tick, index: ticks, time: tick.time)
        if first == nil { first = (mark, tick.sample.mode) }
        ticks += 1
        last = tick.time
        if tick.sample.mode == FlightMode.fly.rawValue { flying += 1 }
        guard !isArmed else { return }
        if tick.sample.mode != FlightMode.disarmed.rawValue {
            (isArmed, armedBy) = (true, tick.owner)
        } else {
            for slot in 0..<8 where tick.answered & (1 << UInt8(slot)) != 0 && answers[slot] == nil {
                answers[slot] = mark
            }
        }
    }

    /// What there is to replay.
    ///
    /// - Throws: `ReplayRefusal` when a container could not be brought through it.
    package func finish() throws(ReplayRefusal) -> ReplayBrief {
        if let fault = samples.fault {
            throw ReplayRefusal("The log has \(fault); name a flight's log as the core wrote it.")
        }
        guard let first, let welcome = samples.welcome else {
            throw ReplayRefusal(
                samples.ticksSeen == 0
                    ? "The log has no tick; name a flight's log."
                    : "The log does not hold whole samples: an older core wrote it; fly once with this one.")
        }
        guard first.mode == FlightMode.disarmed.rawValue else {
            let mode = FlightMode(rawValue: first.mode).map { "\($0)" } ?? "\(first.mode)"
            throw ReplayRefusal(
                "The log begins in mode \(mode), and a container settles on the ground before arming; name the flight's first log."
            )
        }
        guard Double(flying) >= Self.leastSeconds * Double(welcome.tick_rate) else {
            throw ReplayRefusal(
                "The log has less than \(Int(Self.leastSeconds)) s in mode fly; name a longer flight's.")
        }
        // The owner of then began there; a log that begins later has it own the motors from its first tick on.
        let start = armedBy.flatMap { answers[$0] } ?? first.mark
        return ReplayBrief(
            welcome: welcome, firstTick: start.tick, ticks: ticks - start.index, seconds: last - start.time,
            isCut: samples.isCut)
    }
}
