// Swift's names for the contract's enumerations. Raw values are those of the C header; a test compares them.

/// `enum da_mode`.
public enum FlightMode: UInt8, BitwiseCopyable, Sendable, CaseIterable, Codable {
    case disarmed = 0
    case armed = 1
    case takeoff = 2
    case fly = 3
    case land = 4
    case failsafe = 5

    /// Whether motors may turn.
    @inlinable public var isArmed: Bool { self != .disarmed }
}

/// `enum da_source`: who gives the setpoint.
public enum SetpointSource: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    case none = 0
    case receiver = 1
    case ground = 2
    case core = 3
}

/// `enum da_operation`: requests on the core's control socket.
public enum Operation: UInt32, Sendable, CaseIterable {
    case status = 0
    case attach = 1
    case detach = 2
    case grant = 3
    case reserve = 4
    case `switch` = 5
    case commit = 6
    case rollback = 7
    case cancel = 8
    case arm = 16
    case disarm = 17
    case takeoff = 18
    case land = 19
    case pilot = 20
}

/// `enum da_role` of an instance.
public enum InstanceRole: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    case empty = 0
    case listening = 1
    case shadow = 2
    case owner = 3
    case standby = 4
}

/// `enum da_cause` of the last change of owner.
public enum SwitchCause: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    case none = 0
    case requested = 1
    case missed = 2
    case gone = 3
    case range = 4
    case envelope = 5
    case expired = 6
    case restarted = 7
}

/// Bits of `enum da_sample_flags`.
public struct SampleFlags: OptionSet, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
    @inlinable public static var imuFresh: SampleFlags { SampleFlags(rawValue: 1) }
    @inlinable public static var barometerFresh: SampleFlags { SampleFlags(rawValue: 2) }
    @inlinable public static var batteryFresh: SampleFlags { SampleFlags(rawValue: 4) }
    @inlinable public static var onGround: SampleFlags { SampleFlags(rawValue: 8) }
}

/// Bits of `enum da_arming`: why arming is refused.
public struct ArmingReasons: OptionSet, Sendable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static let noOwner = ArmingReasons(rawValue: 1)
    public static let ownerSilent = ArmingReasons(rawValue: 2)
    public static let armSwitch = ArmingReasons(rawValue: 4)
    public static let kill = ArmingReasons(rawValue: 8)
    public static let imu = ArmingReasons(rawValue: 16)
    public static let barometer = ArmingReasons(rawValue: 32)
    public static let batteryChip = ArmingReasons(rawValue: 64)
    public static let motorChip = ArmingReasons(rawValue: 128)
    public static let batteryLow = ArmingReasons(rawValue: 256)
    public static let notStill = ArmingReasons(rawValue: 512)
    public static let busBudget = ArmingReasons(rawValue: 1024)
    public static let tilted = ArmingReasons(rawValue: 2048)
    public static let noPilot = ArmingReasons(rawValue: 4096)
    public static let epochs = ArmingReasons(rawValue: 8192)

    private static let sentences: [(ArmingReasons, String)] = [
        (.noOwner, "no flight container owns the motors (start one)"),
        (.ownerSilent, "the owning container does not answer samples"),
        (.armSwitch, "the arm switch is off"),
        (.kill, "the kill line is pulled"),
        (.imu, "the IMU does not answer (check its wiring and address)"),
        (.barometer, "the barometer does not answer"),
        (.batteryChip, "the battery monitor does not answer"),
        (.motorChip, "the motor chip does not answer"),
        (.batteryLow, "the battery is low"),
        (.notStill, "the vehicle is not still, so the gyro bias is not measured yet"),
        (.busBudget, "the tick's transfers do not fit the bus (raise the bus speed or lower the tick rate)"),
        (.tilted, "the vehicle stands tilted"),
        (.noPilot, "no pilot sends a setpoint"),
        (.epochs, "no epochs are reserved on disk"),
    ]

    /// The reasons in words.
    public var reasons: [String] { Self.sentences.filter { contains($0.0) }.map(\.1) }
}
