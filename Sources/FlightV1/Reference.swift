internal import Contract
internal import FlightKit

/// What a flight refers to: the pressure where it began, and the heading to hold.
struct Reference: ChannelLayout {
    /// Pa, where the vehicle stood before take-off; 0: not yet known.
    var datumPressure: Float = 0
    /// Metres of height for a change of pressure by e: the isothermal atmosphere's scale height.
    var scaleHeight: Float = 8434
    /// rad, -π...π.
    var heading: Float = 0

    /// Gas constant of dry air over gravity, m/K (287.053 J/(kg K), ISO 2533).
    private static var metresPerKelvin: Float { 29.271 }
    /// How fast the datum follows while standing, 1/s: out of the barometer's noise within 2 s.
    private static var following: Float { 2 }
    /// The heading to hold is never farther from the real one, rad: a vehicle that cannot turn that fast
    /// does not spin on afterwards.
    private static var leash: Float { 0.4 }

    var isSane: Bool {
        (datumPressure == 0 || (datumPressure > 20_000 && datumPressure < 120_000))
            && scaleHeight > 5000 && scaleHeight < 12_000 && abs(heading) <= 4
    }

    /// Follows the pressure while the vehicle stands; the first pressure is taken as it is.
    @_noAllocation
    mutating func follow(pressure: Float, celsius: Float, seconds: Float) {
        scaleHeight = Self.metresPerKelvin * (273.15 + clamp(celsius, -40, 85))
        guard datumPressure > 0 else {
            datumPressure = pressure
            return
        }
        datumPressure += (pressure - datumPressure) * clamp(Self.following * seconds, 0, 1)
    }

    /// m above the datum: scale height · ln(datum/pressure), the logarithm by the first three terms of its
    /// area tangent series (1e-7 at 500 m).
    @_noAllocation
    func height(_ pressure: Float) -> Float {
        let x = (datumPressure - pressure) / (datumPressure + pressure)
        let s = x * x
        return scaleHeight * 2 * x * (1 + s * (1 / 3 + s / 5))
    }

    /// Moves the heading to hold by the pilot's yaw rate (rad/s); `yaw` is the real heading.
    @_noAllocation
    mutating func turn(rate: Float, yaw: Float, seconds: Float) {
        let ahead = clamp(wrapped(heading + rate * seconds - yaw), -Self.leash, Self.leash)
        heading = wrapped(yaw + ahead)
    }
}

/// The same angle in -π...π, for angles within ±3π.
func wrapped(_ angle: Float) -> Float {
    if angle > Float.pi { return angle - 2 * Float.pi }
    if angle < -Float.pi { return angle + 2 * Float.pi }
    return angle
}
