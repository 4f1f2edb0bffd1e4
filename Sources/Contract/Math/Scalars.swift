public import CContract

/// Limits `value` to `low...high`; a NaN becomes `low` if that is above 0, else 0 or `high`.
///
/// Flight code clamps before every conversion to an integer and every output, because a trap is a crash.
@inlinable @inline(__always)
public func clamp(_ value: Float, _ low: Float, _ high: Float) -> Float {
    if value >= low { return value <= high ? value : high }
    if value < low { return low }
    return low > 0 ? low : (high < 0 ? high : 0)
}

/// The lesser of two floats; `min` of the standard library is generic, which the allocation check refuses.
@inlinable @inline(__always)
public func lesser(_ a: Float, _ b: Float) -> Float { a < b ? a : b }

/// The greater of two floats.
@inlinable @inline(__always)
public func greater(_ a: Float, _ b: Float) -> Float { a > b ? a : b }

/// IEEE square root of a value that is not negative; negative and NaN give 0.
@inlinable @inline(__always)
public func squareRoot(_ value: Float) -> Float { value > 0 ? da_square_root(value) : 0 }

/// Sine on -π...π by a polynomial of degree 9 (Taylor, folded to ±π/2; error under 4e-6), so that every CPU
/// gives the same bits: libm picks another routine by CPU.
@inlinable @inline(__always)
public func sine(_ angle: Float) -> Float {
    let half = Float.pi / 2
    let limited = clamp(angle, -Float.pi, Float.pi)
    let x = limited > half ? Float.pi - limited : (limited < -half ? -Float.pi - limited : limited)
    let s = x * x
    return x * (1 + s * (-1 / 6 + s * (1 / 120 + s * (-1 / 5040 + s * (1 / 362_880)))))
}

/// Cosine on -π...π.
@inlinable @inline(__always)
public func cosine(_ angle: Float) -> Float {
    let magnitude = angle < 0 ? -angle : angle
    return sine(Float.pi / 2 - magnitude)
}

/// Arc tangent of y/x in -π...π by a polynomial (Abramowitz and Stegun 4.4.49; error under 1e-5 rad).
@inlinable @inline(__always)
public func arcTangent(_ y: Float, _ x: Float) -> Float {
    let ax = x < 0 ? -x : x
    let ay = y < 0 ? -y : y
    guard ax > 0 || ay > 0 else { return 0 }
    let ratio = ax > ay ? ay / ax : ax / ay
    let s = ratio * ratio
    let odd: Float =
        0.999_866_0 + s * (-0.330_299_5 + s * (0.180_141_0 + s * (-0.085_133_0 + s * 0.020_835_1)))
    let first = ratio * odd
    let folded = ax > ay ? first : Float.pi / 2 - first
    let quadrant = x < 0 ? Float.pi - folded : folded
    return y < 0 ? -quadrant : quadrant
}

/// Standard gravity, m/s² (CGPM 1901).
public let standardGravity: Float = 9.806_65
