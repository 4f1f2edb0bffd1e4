package import Airframe

/// One vehicle that might be the real one: the board file's figures, each off by so much.
///
/// Published figures of one quadcopter differ by 30 %, and a board file's are guessed or weighed with a kitchen
/// scale. A controller that flies only the nominal one is none.
package struct VehicleVariant: Equatable, Sendable {
    /// Of the board file's figure.
    package var mass: Double
    package var thrust: Double
    package var inertia: Double
    package var lag: Double
    /// s that commands take longer to the rotors than the model knows.
    package var delay = 0.0
    /// For people, behind "flying".
    package var name: String

    package init(mass: Double, thrust: Double, inertia: Double, lag: Double, delay: Double = 0, name: String) {
        self.mass = mass
        self.thrust = thrust
        self.inertia = inertia
        self.lag = lag
        self.delay = delay
        self.name = name
    }

    /// Off by this part of the figure.
    private static let share = 0.3

    /// s: as long as the core puts up with an owner that is silent, at 500 Hz one late command and five held. A loop
    /// that does not stand it has no margin, however well it flies in good times.
    private static let silence = 0.012

    /// In the order in which they are flown. Two corners and the two that move the hover point; the other corners lie
    /// between them: what matters to a loop is the torque for a command (thrust over inertia) and the lag behind it.
    package static let all = [
        VehicleVariant(mass: 1, thrust: 1, inertia: 1, lag: 1, name: "the vehicle of the board file"),
        VehicleVariant(
            mass: 1, thrust: 1 + share, inertia: 1 - share, lag: 1 + share, delay: silence,
            name: "30 % more thrust, 30 % less inertia, 30 % more rotor lag and late commands"),
        VehicleVariant(
            mass: 1, thrust: 1 - share, inertia: 1 + share, lag: 1 + share,
            name: "30 % less thrust, 30 % more inertia and 30 % more rotor lag"),
        VehicleVariant(mass: 1 + share, thrust: 1, inertia: 1, lag: 1 - share, name: "30 % more mass"),
        VehicleVariant(mass: 1 - share, thrust: 1, inertia: 1, lag: 1 - share, name: "30 % less mass"),
    ]

    /// A vehicle on the way from this one (0) to `other` (1).
    func towards(_ other: VehicleVariant, _ part: Double) -> VehicleVariant {
        func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * part }
        return VehicleVariant(
            mass: mix(mass, other.mass), thrust: mix(thrust, other.thrust), inertia: mix(inertia, other.inertia),
            lag: mix(lag, other.lag), delay: other.delay, name: other.name)
    }

    package func applied(to nominal: AirframeParameters) -> AirframeParameters {
        var airframe = nominal
        airframe.mass *= mass
        airframe.thrustMax *= thrust
        airframe.inertia *= inertia
        airframe.rotorLag *= lag
        return airframe
    }
}
