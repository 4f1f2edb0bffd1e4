/// Three components in one frame (NED or FRD; the name of the variable says which).
@frozen
public struct Vector3: Equatable, Sendable {
    public var x: Float
    public var y: Float
    public var z: Float

    @inlinable @inline(__always)
    public init(_ x: Float, _ y: Float, _ z: Float) {
        self.x = x
        self.y = y
        self.z = z
    }

    @inlinable @inline(__always)
    public init(_ array: (Float, Float, Float)) {
        self.init(array.0, array.1, array.2)
    }

    @inlinable public static var zero: Vector3 { Vector3(0, 0, 0) }

    /// As a C array.
    @inlinable public var array: (Float, Float, Float) { (x, y, z) }

    @inlinable @inline(__always)
    public static func + (a: Vector3, b: Vector3) -> Vector3 { Vector3(a.x + b.x, a.y + b.y, a.z + b.z) }

    @inlinable @inline(__always)
    public static func - (a: Vector3, b: Vector3) -> Vector3 { Vector3(a.x - b.x, a.y - b.y, a.z - b.z) }

    @inlinable @inline(__always)
    public static prefix func - (a: Vector3) -> Vector3 { Vector3(-a.x, -a.y, -a.z) }

    @inlinable @inline(__always)
    public static func * (a: Vector3, k: Float) -> Vector3 { Vector3(a.x * k, a.y * k, a.z * k) }

    @inlinable @inline(__always)
    public static func += (a: inout Vector3, b: Vector3) { a = a + b }

    @inlinable @inline(__always)
    public func dot(_ b: Vector3) -> Float { x * b.x + y * b.y + z * b.z }

    @inlinable @inline(__always)
    public func cross(_ b: Vector3) -> Vector3 {
        Vector3(y * b.z - z * b.y, z * b.x - x * b.z, x * b.y - y * b.x)
    }

    /// Component by component.
    @inlinable @inline(__always)
    public func scaled(by b: Vector3) -> Vector3 { Vector3(x * b.x, y * b.y, z * b.z) }

    @inlinable @inline(__always)
    public var norm: Float { squareRoot(dot(self)) }

    @inlinable public var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }

    /// Each component limited to ±limit; a NaN becomes 0.
    @inlinable @inline(__always)
    public func clamped(_ limit: Float) -> Vector3 {
        Vector3(clamp(x, -limit, limit), clamp(y, -limit, limit), clamp(z, -limit, limit))
    }
}
