package import CContract

/// What a ground station asks of the flight core.
package enum Order: Equatable, Sendable {
    case arm
    case disarm(isForced: Bool)
    /// m above the place of arming.
    case takeOff(Float)
    case land
    /// The pilot's setpoint, to be renewed.
    case pilot(Setpoint)

    /// rad, rad/s, m/s, as `da_setpoint`.
    package struct Setpoint: Equatable, Sendable {
        package var roll: Float
        package var pitch: Float
        package var yawRate: Float
        package var climb: Float

        package init(roll: Float, pitch: Float, yawRate: Float, climb: Float) {
            self.roll = roll
            self.pitch = pitch
            self.yawRate = yawRate
            self.climb = climb
        }

        package static let level = Setpoint(roll: 0, pitch: 0, yawRate: 0, climb: 0)

        package var contract: da_setpoint { da_setpoint(roll: roll, pitch: pitch, yaw_rate: yawRate, climb: climb) }
    }
}

/// What the core said to an order.
package enum OrderAnswer: Equatable, Sendable {
    case done
    /// In the core's words.
    case refused(String)
    /// It could not be asked.
    case unreachable(String)
}
