import CContract
import Contract
import Testing

/// Swift's names have the header's numbers.
@Suite struct VocabularyTests {
    @Test func kinds() {
        let header: [da_kind] = [
            DA_KIND_HELLO, DA_KIND_COMMAND, DA_KIND_WELCOME, DA_KIND_SAMPLE, DA_KIND_REQUEST, DA_KIND_REPLY,
            DA_KIND_INTRODUCE, DA_KIND_OFFER, DA_KIND_NEED, DA_KIND_STREAM, DA_KIND_CUT, DA_KIND_ACKNOWLEDGE,
            DA_KIND_READY, DA_KIND_RETIRE, DA_KIND_BLOCKS, DA_KIND_TAKEN,
        ]
        #expect(FrameKind.allCases.map { UInt32($0.rawValue) } == header.map(\.rawValue))
    }

    @Test func modesAndSources() {
        let modes: [da_mode] = [
            DA_MODE_DISARMED, DA_MODE_ARMED, DA_MODE_TAKEOFF, DA_MODE_FLY, DA_MODE_LAND, DA_MODE_FAILSAFE,
        ]
        #expect(FlightMode.allCases.map { UInt32($0.rawValue) } == modes.map(\.rawValue))
        #expect(FlightMode.allCases.filter { !$0.isArmed } == [.disarmed])
        let sources: [da_source] = [DA_SOURCE_NONE, DA_SOURCE_RECEIVER, DA_SOURCE_GROUND, DA_SOURCE_CORE]
        #expect(SetpointSource.allCases.map { UInt32($0.rawValue) } == sources.map(\.rawValue))
    }

    @Test func operationsRolesAndCauses() {
        let operations: [da_operation] = [
            DA_OP_STATUS, DA_OP_ATTACH, DA_OP_DETACH, DA_OP_GRANT, DA_OP_RESERVE, DA_OP_SWITCH, DA_OP_COMMIT,
            DA_OP_ROLLBACK, DA_OP_CANCEL, DA_OP_ARM, DA_OP_DISARM, DA_OP_TAKEOFF, DA_OP_LAND, DA_OP_PILOT,
        ]
        #expect(Contract.Operation.allCases.map(\.rawValue) == operations.map(\.rawValue))
        let roles: [da_role] = [DA_ROLE_EMPTY, DA_ROLE_LISTENING, DA_ROLE_SHADOW, DA_ROLE_OWNER, DA_ROLE_STANDBY]
        #expect(InstanceRole.allCases.map { UInt32($0.rawValue) } == roles.map(\.rawValue))
        let causes: [da_cause] = [
            DA_CAUSE_NONE, DA_CAUSE_REQUESTED, DA_CAUSE_MISSED, DA_CAUSE_GONE, DA_CAUSE_RANGE, DA_CAUSE_ENVELOPE,
            DA_CAUSE_EXPIRED, DA_CAUSE_RESTARTED,
        ]
        #expect(SwitchCause.allCases.map { UInt32($0.rawValue) } == causes.map(\.rawValue))
        let kinds: [da_channel_kind] = [DA_CHANNEL_SEED, DA_CHANNEL_REPLICATE, DA_CHANNEL_OBSERVE]
        #expect(ChannelKind.allCases.map { UInt32($0.rawValue) } == kinds.map(\.rawValue))
    }

    @Test func bits() {
        let flags: [(SampleFlags, da_sample_flags)] = [
            (.imuFresh, DA_SAMPLE_IMU_FRESH), (.barometerFresh, DA_SAMPLE_BARO_FRESH),
            (.batteryFresh, DA_SAMPLE_BATTERY_FRESH), (.onGround, DA_SAMPLE_ON_GROUND),
        ]
        for (swift, c) in flags { #expect(UInt32(swift.rawValue) == c.rawValue) }
        let reasons: [(ArmingReasons, da_arming)] = [
            (.noOwner, DA_ARMING_NO_OWNER), (.ownerSilent, DA_ARMING_OWNER_SILENT), (.armSwitch, DA_ARMING_SWITCH),
            (.kill, DA_ARMING_KILL), (.imu, DA_ARMING_IMU), (.barometer, DA_ARMING_BARO),
            (.batteryChip, DA_ARMING_BATTERY_CHIP), (.motorChip, DA_ARMING_MOTOR_CHIP),
            (.batteryLow, DA_ARMING_BATTERY_LOW), (.notStill, DA_ARMING_NOT_STILL), (.busBudget, DA_ARMING_BUS_BUDGET),
            (.tilted, DA_ARMING_TILTED), (.noPilot, DA_ARMING_NO_PILOT), (.epochs, DA_ARMING_EPOCHS),
        ]
        for (swift, c) in reasons {
            #expect(swift.rawValue == c.rawValue)
            #expect(swift.reasons.count == 1)
        }
        #expect(ArmingReasons(rawValue: (1 << 14) - 1).reasons.count == 14 && ArmingReasons().reasons.isEmpty)
    }
}
