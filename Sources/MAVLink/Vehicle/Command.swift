/// A command of a ground station, out of COMMAND_LONG or COMMAND_INT.
struct Command: Equatable {
    var system: UInt8
    var component: UInt8
    var number: UInt16
    var confirmation: UInt8 = 0
    /// param1 to param7; not a number: left to the vehicle.
    var parameters: [Float]

    init?(_ content: Content) {
        if let long = content.read(as: Dialect.CommandLong.self) {
            (system, component, number) = (long.targetSystem, long.targetComponent, long.command)
            confirmation = long.confirmation
            parameters = [long.param1, long.param2, long.param3, long.param4, long.param5, long.param6, long.param7]
        } else if let int = content.read(as: Dialect.CommandInt.self) {
            (system, component, number) = (int.targetSystem, int.targetComponent, int.command)
            // Places on the globe are nothing that this vehicle knows.
            parameters = [int.param1, int.param2, int.param3, int.param4, .nan, .nan, int.z]
        } else {
            return nil
        }
    }

    /// What COMPONENT_ARM_DISARM says when it is meant in the air too: the vehicle falls.
    private static let force: Float = 21196

    /// What the core is asked for; nil: nothing that it can do. `height` in m, of a take-off that names none.
    func order(takeoffHeight height: Float) -> Result<Order, Refusal> {
        switch number {
        case Dialect.Command.armDisarm:
            switch parameters[0] {
            case 1: return .success(.arm)
            case 0: return .success(.disarm(isForced: parameters[1] == Self.force))
            default: return .failure(.value("COMPONENT_ARM_DISARM takes 1 or 0 as its first parameter."))
            }
        case Dialect.Command.takeoff:
            let wanted = parameters[6]
            if wanted.isNaN || wanted == 0 { return .success(.takeOff(height)) }
            guard wanted.isFinite, wanted > 0 else {
                return .failure(
                    .value("NAV_TAKEOFF takes a height above the place of arming, m, as its seventh parameter."))
            }
            return .success(.takeOff(wanted))
        case Dialect.Command.land: return .success(.land)
        default: return .failure(.unsupported)
        }
    }

    enum Refusal: Error, Equatable {
        case unsupported
        case value(String)
    }
}
