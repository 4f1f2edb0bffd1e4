package import CContract
package import Contract

/// Flight mode, the pilot's setpoint and their source. They live in the core and survive every switch.
package struct FlightModes: BitwiseCopyable, Sendable {
    /// Heights that a take-off may ask for, m.
    private static let takeoffHeightMin: Float = 1
    private static let takeoffHeightMax: Float = 50
    /// Climb rate of a take-off, m/s.
    private static let takeoffClimb: Float = 1
    /// Part of hover thrust from which on the vehicle counts as flying: from here on its height and climb rate must
    /// be followed freely, or the first metre is flown blind.
    private static let liftOffThrust: Float = 0.8
    /// Below this height a take-off has not left the ground, m.
    private static let liftOffHeight: Float = 0.2
    /// s: a take-off that has not left the ground by then is given up.
    private static let liftOffTime: Float = 5
    /// A setpoint that moves by more from one tick to the next is a jump: rad, rad/s, m/s. A stick moved by hand over
    /// its whole range in a tenth of a second stays below.
    private static let jumpAngle: Float = 0.05
    private static let jumpRate: Float = 0.3
    private static let jumpClimb: Float = 0.3
    /// Ticks behind a jump in which the kick lasts: 20 ms at 500 Hz, as long as the controllers' filters.
    private static let jumpTicks: UInt32 = 10

    /// Least height at which a container may relieve the failsafe, m: one that begins without state loses up to a metre
    /// until it has found its hover thrust.
    private static let reliefHeight: Float = 2

    /// Readings in a row (10 Hz: 1 s) below the critical voltage that land the vehicle: a manoeuvre's sag is shorter.
    private static let criticalLimit: UInt32 = 10

    /// The take-off ends this far below its height, m: the climb runs out.
    private static let takeoffMargin: Float = 0.4

    package private(set) var mode = FlightMode.disarmed
    package private(set) var source = SetpointSource.none
    package private(set) var setpoint = da_setpoint()
    package private(set) var onGround = true
    /// Of the control socket, and when it came, ns; 0: never.
    private var ground = da_setpoint()
    private var groundAt: UInt64 = 0
    /// Of the receiver, and whether its link is up.
    private var radio = da_setpoint()
    private var isRadioUp = false
    private var takeoffHeight: Float = 0
    private var takeoffSeconds: Float = 0
    private var ticksSinceJump: UInt32 = 0
    private var criticalReadings: UInt32 = 0
    private var lowReadings: UInt32 = 0

    private let batteryCritical: Float
    private let batteryLow: Float
    private let tiltLimit: Float
    private let climbMax: Float
    private let landingSpeed: Float
    private let pilotTimeout: UInt64

    package init(_ board: da_board) {
        batteryCritical = board.battery_critical
        batteryLow = board.battery_low
        tiltLimit = board.vehicle.tilt_limit
        climbMax = board.climb_max
        landingSpeed = board.landing_speed
        pilotTimeout = UInt64(clamp(board.pilot_timeout, 0.1, 10) * 1e9)
    }

    // MARK: Requests

    /// The control socket's setpoint, limited to what the board allows. Who holds the transmitter has priority: while the
    /// receiver's link is up it is refused, and does not count as a pilot later either. `now` in ns.
    @_noAllocation
    package mutating func takePilot(_ wanted: da_setpoint, now: UInt64) -> Refusal {
        guard wanted.roll.isFinite, wanted.pitch.isFinite, wanted.yaw_rate.isFinite, wanted.climb.isFinite else {
            return .badValue
        }
        guard !isRadioUp else { return .receiverFlies }
        ground = limited(wanted)
        groundAt = now
        return .none
    }

    /// What the receiver says, every tick.
    @_noAllocation
    package mutating func follow(_ link: ReceiverLink) {
        isRadioUp = link.isUp
        if isRadioUp { radio = limited(link.setpoint) }
    }

    private func limited(_ wanted: da_setpoint) -> da_setpoint {
        da_setpoint(
            roll: clamp(wanted.roll, -tiltLimit, tiltLimit), pitch: clamp(wanted.pitch, -tiltLimit, tiltLimit),
            yaw_rate: clamp(wanted.yaw_rate, -StickMap.yawRate, StickMap.yawRate),
            climb: clamp(wanted.climb, -climbMax, climbMax))
    }

    /// Whether a receiver's link is up, or the control socket has spoken within its time. `now` may lie before the last
    /// frame: the tick's time is that of its sensing.
    @_noAllocation
    package func hasPilot(now: UInt64) -> Bool {
        isRadioUp || groundAt > 0 && (now <= groundAt || now &- groundAt <= pilotTimeout)
    }

    private var pilot: da_setpoint { isRadioUp ? radio : ground }

    @_noAllocation
    package mutating func arm(_ reasons: UInt32) -> Refusal {
        guard mode == .disarmed else { return .alreadyArmed }
        guard reasons == 0 else { return .mayNotArm }
        mode = .armed
        return .none
    }

    @_noAllocation
    package mutating func disarm(force: Bool) -> Refusal {
        guard mode != .disarmed else { return .none }
        guard onGround || force else { return .inTheAir }
        stop()
        return .none
    }

    @_noAllocation
    package mutating func takeOff(to height: Float) -> Refusal {
        guard height >= Self.takeoffHeightMin, height <= Self.takeoffHeightMax else { return .badValue }
        guard mode == .armed else { return mode == .disarmed ? .notArmed : .inTheAir }
        mode = .takeoff
        takeoffHeight = height
        takeoffSeconds = 0
        return .none
    }

    @_noAllocation
    package mutating func land() -> Refusal {
        switch mode {
        case .takeoff, .fly, .land:
            mode = .land
            return .none
        case .failsafe: return .failsafeFlies
        case .armed, .disarmed: return .notFlying
        }
    }

    /// Motors off, whoever owns them.
    @_noAllocation
    package mutating func stop() {
        mode = .disarmed
        onGround = true
    }

    /// No container can fly: the core does.
    @_noAllocation
    package mutating func enterFailsafe() {
        guard mode != .disarmed else { return }
        mode = .failsafe
    }

    // MARK: Every tick

    /// Whether the pilot throws the stick over in the coming sample, or did so just now: two controllers answer that
    /// with unlike kicks, so that a switch in those very ticks would show. A stick that is merely moved is no jump.
    package var setpointJumps: Bool { mode == .fly && (isJump || ticksSinceJump < Self.jumpTicks) }

    private var isJump: Bool {
        far(pilot.roll, setpoint.roll, Self.jumpAngle) || far(pilot.pitch, setpoint.pitch, Self.jumpAngle)
            || far(pilot.yaw_rate, setpoint.yaw_rate, Self.jumpRate) || far(pilot.climb, setpoint.climb, Self.jumpClimb)
    }

    private func far(_ a: Float, _ b: Float, _ limit: Float) -> Bool { a - b > limit || b - a > limit }

    /// Whether owners may change at this boundary on request: never in take-off, landing or failsafe, where height is
    /// short or the core itself flies, nor where the stick is thrown over. A way back waits for nothing.
    package var maySwitch: Bool {
        switch mode {
        case .takeoff, .land, .failsafe: false
        case .disarmed, .armed, .fly: !setpointJumps
        }
    }

    /// Whether a container may relieve the failsafe: in the air, high enough for one that begins without anybody's state,
    /// with a pilot and a battery to go on with. `height` in m, `now` in ns.
    @_noAllocation
    package func mayBeRelieved(height: Float, now: UInt64) -> Bool {
        mode == .failsafe && !onGround && height >= Self.reliefHeight && hasPilot(now: now) && criticalReadings == 0
    }

    /// A container flies again: what the pilot asks for counts.
    @_noAllocation
    package mutating func leaveFailsafe() {
        if mode == .failsafe { mode = .fly }
    }

    /// Whether the battery has been low for as long as tells a low one from a sag under full thrust.
    package var isBatteryLow: Bool { lowReadings >= Self.criticalLimit }

    /// A reading of the battery, V. One that stays critical lands the vehicle, whoever owns the motors and whatever the
    /// pilot asks: later there is no thrust to land with.
    @_noAllocation
    package mutating func take(voltage: Float) {
        criticalReadings = voltage < batteryCritical ? criticalReadings &+ 1 : 0
        lowReadings = voltage < batteryLow ? lowReadings &+ 1 : 0
        guard criticalReadings >= Self.criticalLimit else { return }
        if mode == .takeoff || mode == .fly { mode = .land }
    }

    /// Follows thrust (as a part of hover thrust), height (m), touchdown and the pilot's link. `period` in s, `now`
    /// in ns.
    @_noAllocation
    package mutating func step(thrust: Float, height: Float, touchedDown: Bool, now: UInt64, period: Float) {
        if mode == .takeoff, thrust > Self.liftOffThrust { onGround = false }
        switch mode {
        case .disarmed, .armed:
            setpoint = da_setpoint()
            source = .none
            onGround = true
        case .takeoff:
            takeoffSeconds += period
            setpoint = da_setpoint(roll: 0, pitch: 0, yaw_rate: 0, climb: lesser(Self.takeoffClimb, climbMax))
            source = .core
            if height >= takeoffHeight - Self.takeoffMargin { mode = .fly }
            if height < Self.liftOffHeight, takeoffSeconds > Self.liftOffTime { mode = .land }
            if !hasPilot(now: now) { mode = .land }
        case .fly:
            ticksSinceJump = isJump ? 0 : ticksSinceJump &+ 1
            // Where there is none the last one stands for this tick, and not what the other source said long ago.
            if hasPilot(now: now) {
                setpoint = pilot
                source = isRadioUp ? .receiver : .ground
            }
            // Invariant 9: a silent pilot link lands the vehicle.
            if !hasPilot(now: now) { mode = .land }
        case .land, .failsafe:
            setpoint = da_setpoint(roll: 0, pitch: 0, yaw_rate: 0, climb: -landingSpeed)
            source = .core
            if touchedDown { stop() }
        }
    }
}
