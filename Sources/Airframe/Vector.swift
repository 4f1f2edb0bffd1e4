/// Three components in one frame (NED or FRD; the variable's name or comment says which).
package typealias Vector = SIMD3<Double>

extension SIMD3 where Scalar == Double {
    @inline(__always)
    package func dot(_ b: Self) -> Double { x * b.x + y * b.y + z * b.z }

    @inline(__always)
    package func cross(_ b: Self) -> Self {
        Self(y * b.z - z * b.y, z * b.x - x * b.z, x * b.y - y * b.x)
    }

    @inline(__always)
    package var norm: Double { dot(self).squareRoot() }
}
