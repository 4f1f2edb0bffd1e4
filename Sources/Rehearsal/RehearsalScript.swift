internal import CContract
internal import Contract

/// What the pilot of a rehearsal asks for.
struct RehearsalScript {
    struct Leg {
        var mode = FlightMode.fly
        var seconds: Double
        var setpoint = da_setpoint()
        /// The vehicle of this number in `VehicleVariant.all` is flown.
        var variant: Int
        /// The vehicle changes from the former variant to this one in the course of the leg.
        var changes = false
        /// Whether it ends steady, by a sound controller.
        var isJudged = false
    }

    private(set) var legs: [Leg] = []

    /// s at the pilot's present setpoint, of the first vehicle alone.
    private static let present = 0.5
    /// s on the ground with rotors at idle, and of the climb from there.
    private static let idling = 0.3
    private static let takeOff = 2.5
    /// m/s, as the core asks for.
    private static let takeOffRate: Float = 1
    /// s in which the vehicle becomes the next one: a load that is taken up, not one that is dropped on it.
    private static let change = 0.8
    /// s at an angle, and level behind it: four times what an attitude loop takes to get there.
    private static let step = 0.8
    private static let climb = 1.0
    /// rad, unless a pilot may ask for less.
    private static let angle: Float = 0.26
    /// rad/s and m/s.
    private static let turn: Float = 0.8
    private static let climbRate: Float = 0.8

    init(_ start: RehearsalStart, _ variants: [VehicleVariant]) {
        let angle = lesser(Self.angle, start.vehicle.tilt_limit)
        for variant in variants.indices {
            if variant > 0 {
                legs.append(Leg(seconds: Self.change, variant: variant, changes: true))
            } else if start.sample.flags & SampleFlags.onGround.rawValue != 0 {
                legs.append(Leg(mode: .armed, seconds: Self.idling, variant: variant))
                let up = da_setpoint(roll: 0, pitch: 0, yaw_rate: 0, climb: Self.takeOffRate)
                legs.append(Leg(mode: .takeoff, seconds: Self.takeOff, setpoint: up, variant: variant))
            } else {
                legs.append(Leg(seconds: Self.present, setpoint: start.sample.setpoint, variant: variant))
            }
            for (roll, pitch) in [(0, 0), (angle, 0), (-angle, 0), (0, angle), (0, 0)] as [(Float, Float)] {
                let asked = da_setpoint(roll: roll, pitch: pitch, yaw_rate: 0, climb: 0)
                legs.append(Leg(seconds: Self.step, setpoint: asked, variant: variant, isJudged: true))
            }
            let turning = da_setpoint(roll: 0, pitch: 0, yaw_rate: Self.turn, climb: Self.climbRate)
            legs.append(Leg(seconds: Self.climb, setpoint: turning, variant: variant, isJudged: true))
        }
    }
}
