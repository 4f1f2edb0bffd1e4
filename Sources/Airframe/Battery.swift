/// A lithium polymer pack: open-circuit voltage falls with the charge, the terminals sag with the current.
package struct Battery: Sendable {
    /// What the pack is; the defaults are three cells of 2.2 Ah.
    package struct Parameters: Sendable {
        /// V, open circuit, full.
        package var voltageFull = 12.6
        /// V, open circuit, empty.
        package var voltageEmpty = 10.5
        /// A s.
        package var capacity = 2.2 * 3600
        /// 0 to 1 at the start.
        package var charge = 1.0
        /// ohm, cells and leads.
        package var resistance = 0.025
        /// W, one rotor at full speed; the power of a rotor goes with the cube of its speed.
        package var rotorPowerMax = 110.0
        /// W, computer and radio.
        package var idlePower = 5.0
        /// V at which a command gives its nominal rotor speed.
        package var voltageReference = 12.0
        /// 0: rotors do not feel the battery (a governed ESC); 1: their speed goes with its voltage.
        package var voltageEffect = 1.0

        package init() {}
    }

    private let parameters: Parameters
    /// 0 to 1.
    package private(set) var charge: Double
    /// V at the terminals.
    package private(set) var voltage: Double
    /// A.
    package private(set) var current = 0.0

    package init(_ parameters: Parameters) {
        self.parameters = parameters
        charge = parameters.charge
        voltage = parameters.voltageFull
    }

    /// Voltage as the rotors feel it, over the reference.
    @inline(__always)
    package var rotorVoltage: Double {
        1 + parameters.voltageEffect * (voltage / parameters.voltageReference - 1)
    }

    /// Moves on by one step; `speed` is each rotor's fraction of full speed.
    @inline(__always)
    package mutating func step(speed: SIMD4<Double>, seconds: Double) {
        let power = parameters.idlePower + parameters.rotorPowerMax * (speed * speed * speed).sum()
        let open = parameters.voltageEmpty + (parameters.voltageFull - parameters.voltageEmpty) * charge
        // Power = (open - R I) I; beyond open²/4R no current gives it and the pack collapses to half.
        let root = max(0, open * open - 4 * parameters.resistance * power)
        voltage = (open + root.squareRoot()) / 2
        current = power / voltage
        charge = max(0, charge - current * seconds / parameters.capacity)
    }
}
