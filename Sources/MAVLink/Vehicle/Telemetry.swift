internal import Contract

/// What is told of the flight, and how often.
struct Telemetry {
    /// A stream: how many ms lie between two of its messages.
    private struct Stream {
        var pause: UInt64
        var make: @Sendable (VehicleState, _ time: UInt64, _ accepts: Bool) -> Content?
        var due: UInt64 = 0
    }

    /// A stream that fell behind more, ms, begins anew instead of catching up.
    private static let lagMax: UInt64 = 1000

    private var streams: [Stream] = [
        // MAVLink's own rate of a heartbeat: a ground station counts the vehicle as lost after some that are missing.
        Stream(pause: 1000) { state, _, _ in state.heartbeat.content },
        Stream(pause: 1000) { state, _, accepts in state.systemStatus(accepts: accepts).content },
        Stream(pause: 1000) { state, _, _ in state.battery.content },
        Stream(pause: 500) { state, _, _ in state.landed.content },
        // As fast as an artificial horizon moves for the eye, and as the state is read.
        Stream(pause: 100) { state, time, _ in state.attitude(time).content },
        Stream(pause: 200) { state, _, _ in state.display.content },
        Stream(pause: 200) { state, time, _ in state.heights(time).content },
        Stream(pause: 200) { state, time, _ in state.outputs(time)?.content },
    ]

    /// What is due. `time` in ms since this program's start; `accepts`: whether stations may fly the vehicle.
    mutating func due(_ state: VehicleState, at time: UInt64, accepts: Bool) -> [Content] {
        var contents: [Content] = []
        for index in streams.indices where time >= streams[index].due {
            let late = time - streams[index].due
            streams[index].due = (late > Self.lagMax ? time : streams[index].due) + streams[index].pause
            if let content = streams[index].make(state, time, accepts) { contents.append(content) }
        }
        return contents
    }
}

// MARK: Messages

extension VehicleState {
    /// HEARTBEAT. `custom_mode` is the flight mode's number of the wire contract (enum da_mode); there is no autopilot
    /// number for this one, so it is a generic one.
    var heartbeat: Dialect.Heartbeat {
        var message = Dialect.Heartbeat()
        message.customMode = UInt32(mode.rawValue)
        message.type = Dialect.VehicleType.quadrotor
        message.autopilot = Dialect.Autopilot.generic
        message.baseMode = Dialect.ModeFlag.custom | Dialect.ModeFlag.stabilize
        if mode.isArmed { message.baseMode |= Dialect.ModeFlag.armed }
        switch mode {
        case .fly: message.baseMode |= Dialect.ModeFlag.manualInput
        case .takeoff, .land, .failsafe: message.baseMode |= Dialect.ModeFlag.auto
        case .disarmed, .armed: break
        }
        message.systemStatus =
            switch mode {
            case .disarmed: Dialect.SystemState.standby
            case .failsafe: Dialect.SystemState.critical
            case .armed, .takeoff, .fly, .land: Dialect.SystemState.active
            }
        message.mavlinkVersion = 3
        return message
    }

    /// SYS_STATUS. The load is the bus's: of the tick's means it is the scarce one. That nobody holds the pilot's link is
    /// no trouble where a station that arms will hold it.
    func systemStatus(accepts: Bool) -> Dialect.SysStatus {
        typealias Sensor = Dialect.Sensor
        let chips: [(ArmingReasons, UInt32)] = [
            (.imu, Sensor.gyro | Sensor.accelerometer), (.barometer, Sensor.barometer), (.motorChip, Sensor.motors),
            (.batteryChip, Sensor.battery),
        ]
        let all = chips.reduce(Sensor.armingCheck) { $0 | $1.1 }
        let receiver = source == .receiver ? Sensor.receiver : 0
        var healthy = chips.filter { !trouble.contains($0.0) }.reduce(receiver) { $0 | $1.1 }
        let reasons = accepts ? trouble.subtracting(.noPilot) : trouble
        if mode.isArmed || reasons.isEmpty { healthy |= Sensor.armingCheck }
        var message = Dialect.SysStatus()
        message.onboardControlSensorsPresent = all | receiver
        message.onboardControlSensorsEnabled = all | receiver
        message.onboardControlSensorsHealth = healthy
        message.load = permille(busLoad)
        message.voltageBattery = millivolts(voltage)
        message.currentBattery = centiamperes(current)
        message.batteryRemaining = -1
        message.errorsCount1 = UInt16(clamping: writesFailed)
        message.errorsCount2 = UInt16(clamping: readsFailed)
        return message
    }

    /// BATTERY_STATUS: the pack as one cell, as MAVLink has it for a monitor that sees no cells.
    var battery: Dialect.BatteryStatus {
        var message = Dialect.BatteryStatus()
        message.batteryFunction = Dialect.BatteryFunction.all
        message.type = Dialect.BatteryType.lithiumPolymer
        message.temperature = .max
        message.voltages = [millivolts(voltage)] + [UInt16](repeating: .max, count: 9)
        message.currentBattery = centiamperes(current)
        message.currentConsumed = -1
        message.energyConsumed = -1
        message.batteryRemaining = -1
        return message
    }

    /// EXTENDED_SYS_STATE.
    var landed: Dialect.ExtendedSysState {
        var message = Dialect.ExtendedSysState()
        message.landedState =
            switch mode {
            case .takeoff where !isOnGround: Dialect.LandedState.takeoff
            case .land, .failsafe: Dialect.LandedState.landing
            case .fly: Dialect.LandedState.inAir
            case .disarmed, .armed, .takeoff: Dialect.LandedState.onGround
            }
        return message
    }

    /// ATTITUDE: rad, rad/s, as here. What is not recorded is 0: on the ground it stands still and yaw begins there.
    func attitude(_ time: UInt64) -> Dialect.Attitude {
        var message = Dialect.Attitude()
        message.timeBootMs = UInt32(truncatingIfNeeded: time)
        message.roll = roll
        message.pitch = pitch
        message.yaw = yaw ?? 0
        message.rollspeed = rates?.x ?? 0
        message.pitchspeed = rates?.y ?? 0
        message.yawspeed = rates?.z ?? 0
        return message
    }

    /// VFR_HUD: m, m/s. There is no position sensor, so no ground speed; the height is not above the sea but above the
    /// place of arming, as everywhere here.
    var display: Dialect.VfrHud {
        var message = Dialect.VfrHud()
        message.heading = degrees(heading: yaw ?? 0)
        let thrust = (motors ?? []).reduce(0, +) / Float(max(1, motors?.count ?? 0))
        message.throttle = percent(thrust)
        message.alt = altitude
        message.climb = climb
        return message
    }

    /// ALTITUDE: m. Above the sea and above the terrain are not known.
    func heights(_ time: UInt64) -> Dialect.Altitude {
        var message = Dialect.Altitude()
        message.timeUsec = time * 1000
        message.altitudeMonotonic = altitude
        message.altitudeAmsl = .nan
        message.altitudeLocal = altitude
        message.altitudeRelative = altitude
        // MAVLink's values for "not known" of these two.
        message.altitudeTerrain = -1001
        message.bottomClearance = -1
        return message
    }

    /// SERVO_OUTPUT_RAW: us as by custom, not the board's own pulses; nil: motors are not recorded.
    func outputs(_ time: UInt64) -> Dialect.ServoOutputRaw? {
        guard let motors, motors.count == 4 else { return nil }
        var message = Dialect.ServoOutputRaw()
        message.timeUsec = UInt32(truncatingIfNeeded: time * 1000)
        message.servo1Raw = pulse(motors[0])
        message.servo2Raw = pulse(motors[1])
        message.servo3Raw = pulse(motors[2])
        message.servo4Raw = pulse(motors[3])
        return message
    }
}
