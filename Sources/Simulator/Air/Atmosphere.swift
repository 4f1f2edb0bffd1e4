internal import Glibc

/// Pressure of the air around the vehicle, and what its own rotors add to it near the ground.
package struct Atmosphere: Sendable {
    package struct Parameters: Sendable {
        /// Pa at the place of take-off.
        package var pressure = 100_650.0
        /// degrees Celsius there, also the chips' temperature.
        package var temperature = 25.0
        /// Pa that hovering rotors add at height 0: the downwash is dammed up (tens of cm of altitude).
        package var groundPressure = 8.0
        /// m: height over which that fades by e; about a rotor's diameter.
        package var groundHeight = 0.3

        package init() {}
    }

    private let parameters: Parameters

    package init(_ parameters: Parameters) {
        self.parameters = parameters
    }

    /// Pa at `height` m above the place of take-off: hydrostatic, with the standard atmosphere's lapse rate
    /// of 6.5 K/km (ISO 2533).
    package func pressure(height: Double) -> Double {
        let kelvin = parameters.temperature + 273.15
        return parameters.pressure * pow(1 - 0.0065 * height / kelvin, 5.255_88)
    }

    /// Pa that the barometer feels: with the rotors' own pressure; `lift` is thrust over weight.
    package func pressureAtVehicle(height: Double, lift: Double) -> Double {
        pressure(height: height) + parameters.groundPressure * lift * exp(-max(0, height) / parameters.groundHeight)
    }

    package var temperature: Double { parameters.temperature }
}
