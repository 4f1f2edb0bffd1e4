internal import Contract
internal import FlightKit

/// What a flight refers to: the pressure where it began, and the heading to hold (schema 1, as in version 1).
struct Reference: ChannelLayout {
    /// Pa, where the vehicle stood before take-off; 0: not yet known.
    var datumPressure: Float = 0
    /// m: scale height of the isothermal atmosphere at the datum's temperature.
    var scaleHeight: Float = 8434
    /// rad, -π...π.
    var heading: Float = 0

    /// Gas constant of dry air over gravity, m/K (287.053 J/(kg K), ISO 2533).
    private static var metresPerKelvin: Float { 29.271 }
    /// 1/s: how fast the datum follows while standing.
    private static var following: Float { 2 }
    /// rad: how far the heading to hold may run ahead of the real one.
    private static var leash: Float { 0.35 }

    var isSane: Bool {
        (datumPressure == 0 || (datumPressure > 20_000 && datumPressure < 120_000))
            && scaleHeight > 5000 && scaleHeight < 12_000 && abs(heading) <= 4
    }

    /// Follows the pressure while the vehicle stands; the first pressure is taken as it is.
    @_noAllocation
    mutating func follow(pressure: Float, celsius: Float, seconds: Float) {
        scaleHeight = Self.metresPerKelvin * (273.15 + clamp(celsius, -40, 85))
        let share = datumPressure > 0 ? clamp(Self.following * seconds, 0, 1) : 1
        datumPressure += (pressure - datumPressure) * share
    }

    /// m above the datum: scale height · ln(datum/pressure) by its area tangent series (1e-7 at 500 m).
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
