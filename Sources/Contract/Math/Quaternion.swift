/// A unit quaternion that turns body (FRD) vectors into world (NED) vectors: world = q ⊗ body ⊗ q*.
@frozen
public struct Quaternion: Equatable, Sendable {
    public var w: Float
    public var x: Float
    public var y: Float
    public var z: Float

    @inlinable @inline(__always)
    public init(_ w: Float, _ x: Float, _ y: Float, _ z: Float) {
        self.w = w
        self.x = x
        self.y = y
        self.z = z
    }

    @inlinable public static var identity: Quaternion { Quaternion(1, 0, 0, 0) }

    /// From Euler angles in rad, in the order yaw, pitch, roll (aerospace 3-2-1).
    @inlinable
    public init(roll: Float, pitch: Float, yaw: Float) {
        let (sr, cr) = (sine(roll / 2), cosine(roll / 2))
        let (sp, cp) = (sine(pitch / 2), cosine(pitch / 2))
        let (sy, cy) = (sine(yaw / 2), cosine(yaw / 2))
        // The polynomials' small error would stretch what is turned.
        self =
            Quaternion(
                cr * cp * cy + sr * sp * sy, sr * cp * cy - cr * sp * sy,
                cr * sp * cy + sr * cp * sy, cr * cp * sy - sr * sp * cy
            ).normalized
    }

    @inlinable @inline(__always)
    public static func * (a: Quaternion, b: Quaternion) -> Quaternion {
        Quaternion(
            a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z,
            a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
            a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
            a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w)
    }

    @inlinable public var conjugate: Quaternion { Quaternion(w, -x, -y, -z) }

    /// World from body.
    @inlinable @inline(__always)
    public func rotate(_ body: Vector3) -> Vector3 {
        let axis = Vector3(x, y, z)
        let t = axis.cross(body) * 2
        return body + t * w + axis.cross(t)
    }

    /// Body from world.
    @inlinable @inline(__always)
    public func unrotate(_ world: Vector3) -> Vector3 { conjugate.rotate(world) }

    /// World's down axis seen from the body.
    @inlinable @inline(__always)
    public var downInBody: Vector3 {
        Vector3(2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z)
    }

    /// Length 1 again; identity if it had none.
    @inlinable @inline(__always)
    public var normalized: Quaternion {
        let length = squareRoot(w * w + x * x + y * y + z * z)
        guard length > 1e-6 else { return .identity }
        let k = 1 / length
        return Quaternion(w * k, x * k, y * k, z * k)
    }

    /// Turned by `rate` (rad/s, body) for `seconds`, first order and renormalised.
    @inlinable @inline(__always)
    public func turned(by rate: Vector3, for seconds: Float) -> Quaternion {
        let h = seconds / 2
        let step = self * Quaternion(0, rate.x * h, rate.y * h, rate.z * h)
        return Quaternion(w + step.w, x + step.x, y + step.y, z + step.z).normalized
    }

    /// rad, right positive.
    @inlinable public var roll: Float { arcTangent(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)) }

    /// rad, nose up positive.
    @inlinable
    public var pitch: Float {
        let s = clamp(2 * (w * y - z * x), -1, 1)
        return arcTangent(s, squareRoot(1 - s * s))
    }

    /// rad, nose right positive.
    @inlinable public var yaw: Float { arcTangent(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)) }

    /// Angle between the body's and the world's down axis, rad.
    @inlinable
    public var tilt: Float {
        let down = downInBody
        return arcTangent(squareRoot(down.x * down.x + down.y * down.y), down.z)
    }

    @inlinable public var isFinite: Bool { w.isFinite && x.isFinite && y.isFinite && z.isFinite }
}
