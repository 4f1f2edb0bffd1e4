package import CContract
internal import Contract

/// What the core says of itself, with names for numbers: for people and for JSON.
package struct CoreReport: Codable, Equatable, Sendable {
    package struct Instance: Codable, Equatable, Sendable {
        package var name: String
        package var role: String
        package var pid: Int32
        package var settled: Bool
        package var answered: UInt64
        package var late: UInt64
        package var refused: UInt64
        package var dropped: UInt64
        /// Ticks since it answers every sample; nil: not in step.
        package var inStepTicks: UInt64?
        /// RMS distance of motor commands to the owner's.
        package var divergence: Float

        private enum CodingKeys: String, CodingKey {
            case name, role, pid, settled, answered, late, refused, dropped, divergence
            case inStepTicks = "in_step_ticks"
        }
    }

    package var tick: UInt64
    package var tickRate: UInt32
    package var mode: String
    /// Who gives the setpoint: none, receiver, ground (control socket) or core.
    package var source: String
    package var owner: String?
    package var ownerEpoch: UInt64
    package var inProbation: Bool
    /// m above the place of arming.
    package var altitude: Float
    /// rad.
    package var tilt: Float
    /// m/s, up positive.
    package var climb: Float
    /// V.
    package var batteryVoltage: Float
    package var onGround: Bool
    package var realtime: Bool
    package var skipped: UInt64
    package var late: UInt64
    package var held: UInt64
    package var failsafe: UInt64
    package var staleRefused: UInt64
    /// Why arming would be refused now; empty: it would not.
    package var armingRefused: [String]
    package var instances: [Instance]

    private enum CodingKeys: String, CodingKey {
        case tick, mode, source, owner, altitude, tilt, climb, realtime, skipped, late, held, failsafe, instances
        case tickRate = "tick_rate"
        case ownerEpoch = "owner_epoch"
        case inProbation = "in_probation"
        case batteryVoltage = "battery_voltage"
        case onGround = "on_ground"
        case staleRefused = "stale_refused"
        case armingRefused = "arming_refused"
    }

    package init(_ status: da_status) {
        tick = status.tick
        tickRate = status.tick_rate
        mode = FlightMode(rawValue: status.mode).map { "\($0)" } ?? "mode \(status.mode)"
        source = SetpointSource(rawValue: status.source).map { "\($0)" } ?? "source \(status.source)"
        owner = status.owner.map { text($0.name) }
        ownerEpoch = status.owner_epoch
        inProbation = status.in_probation != 0
        altitude = status.altitude
        tilt = status.tilt
        climb = status.climb
        batteryVoltage = status.battery_voltage
        onGround = status.on_ground != 0
        realtime = status.realtime != 0
        skipped = status.ticks_skipped
        late = status.ticks_late
        held = status.ticks_held
        failsafe = status.ticks_failsafe
        staleRefused = status.stale_refused
        armingRefused = ArmingReasons(rawValue: status.arming_refused).reasons
        instances = status.instances.map { slot in
            Instance(
                name: text(slot.name), role: InstanceRole(rawValue: slot.role).map { "\($0)" } ?? "role \(slot.role)",
                pid: slot.pid, settled: slot.settled != 0,
                answered: slot.answered, late: slot.late, refused: slot.refused, dropped: slot.dropped,
                inStepTicks: slot.in_step_since == 0 || slot.in_step_since > status.tick
                    ? nil : status.tick - slot.in_step_since,
                divergence: slot.divergence)
        }
    }
}
