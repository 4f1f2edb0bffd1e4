package import Contract

/// What is known of the vehicle: SI units, body axes forward, right, down.
package struct VehicleState: Equatable, Sendable {
    package var mode = FlightMode.disarmed
    package var source = SetpointSource.none
    package var isOnGround = true
    /// rad, right and nose up positive.
    package var roll: Float = 0
    package var pitch: Float = 0
    /// rad, relative to where it pointed at its start; nil: not recorded, as on the ground.
    package var yaw: Float?
    /// rad/s; nil: not recorded.
    package var rates: Vector3?
    /// m above the place of arming.
    package var altitude: Float = 0
    /// m/s, up positive.
    package var climb: Float = 0
    /// 0 to 1; nil: not recorded.
    package var motors: [Float]?
    /// V.
    package var voltage: Float = 0
    /// A; nil: not recorded.
    package var current: Float?
    /// Computed transfer time / tick, 0 to 1.
    package var busLoad: Float = 0
    /// Motor writes and sensor reads that the bus refused since the core's start.
    package var writesFailed: UInt64 = 0
    package var readsFailed: UInt64 = 0
    /// Disarmed: why arming would be refused; armed: what is trouble in flight.
    package var trouble: ArmingReasons = []
    /// nil: nobody owns the motors.
    package var owner: String?
    package var epoch: UInt64 = 0

    package init() {}
}
