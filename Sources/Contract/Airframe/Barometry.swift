/// Height above the place where `datum` was measured, m.
///
/// Hypsometric equation h = (R T / g) ln(p₀/p) with dry air's R = 287.05 J/(kg K); the logarithm as
/// 2 artanh((p₀−p)/(p₀+p)) by its series, exact to 1 mm within 1000 m.
///
/// - Parameters:
///   - pressure: Pa.
///   - datum: Pa, at the place of arming.
///   - temperature: °C.
/// - Returns: m, up positive; 0 for pressures that are none.
@inlinable @inline(__always)
public func pressureHeight(_ pressure: Float, datum: Float, temperature: Float) -> Float {
    guard pressure > 1000, datum > 1000 else { return 0 }
    let x = (datum - pressure) / (datum + pressure)
    let s = x * x
    let logarithm = 2 * x * (1 + s * (1 / 3 + s * (1 / 5)))
    let kelvin = clamp(temperature, -40, 60) + 273.15
    return 287.05 / standardGravity * kelvin * logarithm
}
