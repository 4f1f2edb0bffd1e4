package import CContract
import Contract

/// What the tick says of itself, to whoever asks the core.
extension FlightTick {
    /// Largest tilt at which arming is allowed, rad (20°).
    private static var armingTilt: Float { 0.35 }

    /// Bits of `ArmingReasons`.
    @_noAllocation
    package func armingReasons() -> UInt32 {
        var reasons: UInt32 = 0
        reasons |= DA_ARMING_NO_OWNER.rawValue(if: arbiter.owner == Arbiter.nobody)
        reasons |= DA_ARMING_OWNER_SILENT.rawValue(if: arbiter.owner != Arbiter.nobody && !arbiter.ownerAnswers)
        reasons |= DA_ARMING_SWITCH.rawValue(if: !lines.mayArm)
        reasons |= DA_ARMING_KILL.rawValue(if: lines.isKilled)
        reasons |= DA_ARMING_IMU.rawValue(if: !sensors.imu.isReady)
        reasons |= DA_ARMING_BARO.rawValue(if: !sensors.barometer.isReady || sensors.pressure == 0)
        reasons |= DA_ARMING_BATTERY_CHIP.rawValue(if: !sensors.battery.isReady)
        reasons |= DA_ARMING_MOTOR_CHIP.rawValue(if: !motorChip.isReady)
        reasons |= DA_ARMING_BATTERY_LOW.rawValue(if: sensors.battery.isReady && sensors.voltage < board.battery_low)
        reasons |= DA_ARMING_NOT_STILL.rawValue(if: !sensors.bias.isMeasured)
        reasons |= DA_ARMING_BUS_BUDGET.rawValue(if: !budgetFits)
        reasons |= DA_ARMING_TILTED.rawValue(if: state.tilt > Self.armingTilt)
        reasons |= DA_ARMING_NO_PILOT.rawValue(if: !modes.hasPilot(now: sensed))
        reasons |= DA_ARMING_EPOCHS.rawValue(if: arbiter.epochsLeft < 3)
        return reasons
    }

    /// What of it is trouble in flight too: a chip that has failed, no epochs, a battery that stays low.
    @_noAllocation
    package func flightTrouble() -> UInt32 {
        let lasting =
            DA_ARMING_KILL.rawValue | DA_ARMING_IMU.rawValue | DA_ARMING_BARO.rawValue | DA_ARMING_BATTERY_CHIP.rawValue
            | DA_ARMING_MOTOR_CHIP.rawValue | DA_ARMING_EPOCHS.rawValue
        return armingReasons() & lasting | (modes.isBatteryLow ? DA_ARMING_BATTERY_LOW.rawValue : 0)
    }

    /// The status, without names. For the control socket.
    @_noAllocation
    package func status() -> da_status {
        var status = da_status()
        status.tick = tick
        status.now_ns = now()
        status.owner_epoch = arbiter.epoch
        status.reserved_epoch = arbiter.reservedEpoch
        status.switch_tick = arbiter.switchTick
        status.way_back_tick = arbiter.wayBackTick
        status.board_hash = board.hash
        status.ticks_skipped = counts.skipped
        status.ticks_late = counts.late
        status.ticks_held = counts.held
        status.ticks_failsafe = counts.failsafe
        status.writes_failed = counts.writesFailed
        status.reads_failed = sensors.readsFailed
        status.stale_refused = arbiter.staleRefused
        status.tilt = state.tilt
        status.roll = state.attitude.roll
        status.pitch = state.attitude.pitch
        status.altitude = state.height
        status.climb = state.climb
        status.rate = rate
        status.battery_voltage = sensors.voltage
        status.bus_load = counts.busLoad
        status.tick_rate = board.tick_rate
        status.arming_refused = isDisarmed ? armingReasons() : flightTrouble()
        status.mode = modes.mode.rawValue
        status.source = modes.source.rawValue
        status.cause = arbiter.cause.rawValue
        status.in_probation = arbiter.inProbation ? 1 : 0
        status.switch_pending = arbiter.switchPending ? 1 : 0
        status.on_ground = modes.onGround ? 1 : 0
        status.bus_slow = meter.isSlow ? 1 : 0
        status.instance.0 = instanceStatus(0)
        status.instance.1 = instanceStatus(1)
        status.instance.2 = instanceStatus(2)
        status.instance.3 = instanceStatus(3)
        return status
    }

    /// Owner and standby behind a restart of the core are so before they are back: nothing has been decided anew.
    private func instanceStatus(_ slot: Int) -> da_instance_status {
        var status = arbiter.slots[slot].status
        if arbiter.isTakingUp, slot == arbiter.owner { status.role = InstanceRole.owner.rawValue }
        if arbiter.isTakingUp, slot == arbiter.standby { status.role = InstanceRole.standby.rawValue }
        return status
    }
}

/// Counters of the tick itself.
struct TickCounts: BitwiseCopyable {
    var skipped: UInt64 = 0
    var late: UInt64 = 0
    var held: UInt64 = 0
    var failsafe: UInt64 = 0
    var writesFailed: UInt64 = 0
    var busLoad: Float = 0
}

extension da_arming {
    /// The bit where something is wrong, else none.
    @_noAllocation
    fileprivate func rawValue(if isWrong: Bool) -> UInt32 { isWrong ? rawValue : 0 }
}
