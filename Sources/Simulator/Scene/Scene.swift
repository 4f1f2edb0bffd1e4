package import Airframe

/// What a camera on the vehicle sees: sky, horizon, a ground with a grid and landmarks on it.
///
/// It looks forward (body x) and 20° down; NED and FRD as everywhere. Flat ground at z = 0, pinhole, no lens.
package struct Scene: Sendable {
    /// Pixels; the width is even.
    package let width: Int
    package let height: Int
    /// Of 20°, by which the camera looks below the body's forward axis.
    private static let (sine, cosine) = (0.3420201433256687, 0.9396926207859084)
    /// tan 40°, half of what is between the left edge and the right one: how far the edge is at a distance of 1.
    private static let edge = 0.8390996311772799
    /// m that the camera stands above the ground when the vehicle does.
    private static let eye = 0.15
    /// m between lines, and how wide they are.
    private static let grid = (pitch: 2.0, width: 0.12)
    /// m at which the ground has faded into the haze.
    private static let haze = 120.0

    /// A disc on the ground: m north, east, radius.
    private struct Landmark {
        var north: Double
        var east: Double
        var radius: Double
        var colour: SIMD3<Double>
    }

    /// RGB, 0 to 1.
    private static let (sky, horizon, ground, line) = (
        SIMD3(0.35, 0.58, 0.90), SIMD3(0.80, 0.87, 0.93), SIMD3(0.36, 0.48, 0.28), SIMD3(0.80, 0.82, 0.74)
    )
    private static let landmarks = [
        Landmark(north: 0, east: 0, radius: 0.6, colour: SIMD3(0.95, 0.85, 0.2)),
        Landmark(north: 12, east: 4, radius: 1.0, colour: SIMD3(0.85, 0.2, 0.2)),
        Landmark(north: 10, east: -7, radius: 0.8, colour: SIMD3(0.2, 0.35, 0.85)),
        Landmark(north: -12, east: -5, radius: 1.2, colour: SIMD3(0.9, 0.5, 0.1)),
        Landmark(north: -9, east: 9, radius: 0.9, colour: SIMD3(0.6, 0.25, 0.7)),
    ]

    /// Bytes of a picture as YUYV.
    package var byteCount: Int { width * height * 2 }

    package init(width: Int = 320, height: Int = 240) {
        self.width = width / 2 * 2
        self.height = height
    }

    /// The picture from there as YUYV (V4L2_PIX_FMT_YUYV; BT.601, full range, as JPEG has it).
    package func picture(from position: Vector, _ attitude: Attitude) -> [UInt8] {
        // What the camera's axes (forward, right, down) are in the world.
        let forward = attitude.rotate(Vector(Self.cosine, 0, Self.sine))
        let right = attitude.rotate(Vector(0, 1, 0))
        let down = attitude.rotate(Vector(-Self.sine, 0, Self.cosine))
        let scale = Self.edge / (Double(width) / 2)
        let eye = Vector(position.x, position.y, min(position.z, 0) - Self.eye)
        return [UInt8](unsafeUninitializedCapacity: byteCount) { bytes, count in
            for row in 0..<height {
                let along = forward + down * ((Double(row) + 0.5 - Double(height) / 2) * scale)
                for pair in 0..<width / 2 {
                    let first = Self.colour(eye, along + right * ((Double(2 * pair) + 0.5 - Double(width) / 2) * scale))
                    let second = Self.colour(
                        eye, along + right * ((Double(2 * pair) + 1.5 - Double(width) / 2) * scale))
                    let at = (row * width + 2 * pair) * 2
                    let mean = (first + second) * 0.5
                    bytes[at] = Self.luma(first)
                    bytes[at + 1] = Self.byte(0.5 + (mean * SIMD3(-0.168736, -0.331264, 0.5)).sum())
                    bytes[at + 2] = Self.luma(second)
                    bytes[at + 3] = Self.byte(0.5 + (mean * SIMD3(0.5, -0.418688, -0.081312)).sum())
                }
            }
            count = byteCount
        }
    }

    /// What is seen from `eye` along `ray` (world, of any length).
    private static func colour(_ eye: Vector, _ ray: Vector) -> SIMD3<Double> {
        // Above the horizon, or so little below it that all is haze.
        let reach = ray.z > 0 ? -eye.z / ray.z : .infinity
        guard reach.isFinite, reach < haze * 4 else {
            let up = max(0, min(1, -ray.z / ray.norm * 2.5))
            return horizon + (sky - horizon) * up
        }
        let (north, east) = (eye.x + ray.x * reach, eye.y + ray.y * reach)
        var seen = ground
        if isLine(north) || isLine(east) { seen = line }
        for mark in landmarks {
            let (across, over) = (north - mark.north, east - mark.east)
            if across * across + over * over < mark.radius * mark.radius { seen = mark.colour }
        }
        let far = min(1, reach * ray.norm / haze)
        return seen + (horizon - seen) * far
    }

    private static func isLine(_ place: Double) -> Bool {
        let off = place - (place / grid.pitch).rounded() * grid.pitch
        return abs(off) < grid.width / 2
    }

    private static func luma(_ colour: SIMD3<Double>) -> UInt8 { byte((colour * SIMD3(0.299, 0.587, 0.114)).sum()) }

    private static func byte(_ value: Double) -> UInt8 { UInt8(max(0, min(255, value * 255 + 0.5))) }
}
