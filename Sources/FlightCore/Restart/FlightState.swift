import CContract
package import Contract

/// All that a core must know to go on with the flight of one that has crashed: the tick's state but for what belongs
/// to the process (bus, lines, clock, connections).
///
/// Plain bytes, so that it can be kept in memory that survives the process. Another program file may lay it out
/// otherwise; `KeptCopy` tells them apart.
package struct FlightState: BitwiseCopyable, Sendable {
    package var tick: UInt64
    /// ns, the tick's absolute start; `tick` and it give the grid on which ticks go on.
    package var scheduled: UInt64
    package var sensed: UInt64
    /// ns; 0: no flight was taken up.
    package var takenUpAt: UInt64
    package var applied: Motors
    package var appliedTick: UInt64
    package var isKilled: Bool
    package var mayArm: Bool
    package var sensors: Sensors
    package var motorChip: PCA9685
    package var state: StateFilter
    package var descent: DescentController
    package var touchdown: TouchdownDetector
    package var envelope: EnvelopeMonitor
    package var arbiter: Arbiter
    package var modes: FlightModes
    package var decoder: PPMDecoder
    package var link: ReceiverLink
    var counts: TickCounts
}

extension FlightTick {
    /// A crash so soon after one that was taken up is no accident: whoever flies may be its cause. ns.
    private static let againTime: UInt64 = 1_000_000_000
    /// s for which the former owner is waited for; meanwhile the core holds the vehicle level.
    private static let returnTime: Float = 0.25

    /// What a later core needs of this one. Between two ticks, or behind `open`.
    @_noAllocation
    package func kept() -> FlightState {
        FlightState(
            tick: tick, scheduled: scheduled, sensed: sensed, takenUpAt: takenUpAt, applied: applied,
            appliedTick: appliedTick, isKilled: lines.isKilled, mayArm: lines.mayArm, sensors: sensors,
            motorChip: motorChip, state: state, descent: descent, touchdown: touchdown, envelope: envelope,
            arbiter: arbiter, modes: modes, decoder: receiver.decoder, link: receiver.link, counts: counts)
    }

    /// Goes on with the flight of a core that crashed: ticks, epochs, mode, setpoint, filter, biases and chips are as
    /// they were; the next tick is the one behind the kept. Its owner is waited for, but a second crash within a
    /// second goes to the failsafe. `now` in ns.
    ///
    /// - Returns: whether the instances may be served again; after a second crash one of them may be its cause.
    @discardableResult
    package mutating func takeUp(_ former: FlightState, now: UInt64) -> Bool {
        let isAgain = former.takenUpAt > 0 && now &- former.takenUpAt < Self.againTime
        (tick, scheduled, sensed) = (former.tick, former.scheduled, former.sensed)
        (applied, appliedTick) = (former.applied, former.appliedTick)
        (sensors, motorChip) = (former.sensors, former.motorChip)
        (state, descent, touchdown, envelope) = (former.state, former.descent, former.touchdown, former.envelope)
        (arbiter, modes, counts) = (former.arbiter, former.modes, former.counts)
        takenUpAt = now
        lines.takeUp(isKilled: former.isKilled, mayArm: former.mayArm)
        receiver.takeUp(former.decoder, former.link, now: now)
        arbiter.takeUp(until: tick &+ UInt64(clamp(Self.returnTime / period, 1, 1000)) &+ skipped(until: now))
        guard isAgain, modes.mode != .disarmed else { return true }
        // On the ground nobody is left to answer for the motors: the next `open` stops them.
        arbiter.giveUp(airborne: !modes.onGround)
        return false
    }

    /// Ticks between the kept one and `now`.
    private func skipped(until now: UInt64) -> UInt64 {
        let nanoseconds = 1_000_000_000 / UInt64(max(1, board.tick_rate))
        return now > scheduled ? min((now - scheduled) / nanoseconds, 1000) : 0
    }
}
