package import Airframe
internal import Glibc

/// Mean wind with its profile over height, and gusts on top.
package struct Wind: Sendable {
    package struct Parameters: Sendable {
        /// m/s, mean at 20 ft (6.1 m); the gusts' strength goes with it. 0: still air.
        package var speed20 = 4.0
        /// rad, where the wind blows to, from north over east.
        package var heading = 0.6
        /// 1: gusts as in MIL-F-8785C; 0: none.
        package var gustiness = 1.0

        package init() {}
    }

    /// s between two gust values; in between the line is straight. Shorter than any scale length over speed.
    private static let interval = 0.01
    /// m/s: least speed at which the gust field passes, so that it never stands still.
    private static let airspeedMin = 1.0

    private let parameters: Parameters
    private let along: Vector
    private let right: Vector
    private let steps: Int
    private var dryden: Dryden
    private var left = 0
    private var slope = Vector.zero
    /// m/s, NED, at the vehicle.
    package private(set) var velocity = Vector.zero

    package init(_ parameters: Parameters, seconds: Double, random: RandomSource) {
        self.parameters = parameters
        along = Vector(cos(parameters.heading), sin(parameters.heading), 0)
        right = Vector(-sin(parameters.heading), cos(parameters.heading), 0)
        steps = max(1, Int((Self.interval / seconds).rounded()))
        dryden = Dryden(random: random)
        velocity = target(height: 0, airspeed: parameters.speed20)
    }

    /// Mean wind at `height`: the logarithmic profile of MIL-F-8785C 3.7.3.4 with z0 = 0.15 ft (flat land),
    /// from 3 ft on.
    package static func mean(speed20: Double, height: Double) -> Double {
        let feet = max(3, height / 0.3048)
        return speed20 * log(feet / 0.15) / log(20 / 0.15)
    }

    /// Moves on by one step of the world. `height` in m; `body` is the vehicle's velocity, m/s, NED.
    @inline(__always)
    package mutating func step(height: Double, body: Vector) {
        guard parameters.speed20 > 0 else { return }
        if left == 0 {
            left = steps
            slope = (target(height: height, airspeed: (body - velocity).norm) - velocity) / Double(steps)
        }
        left -= 1
        velocity += slope
    }

    private mutating func target(height: Double, airspeed: Double) -> Vector {
        guard parameters.speed20 > 0 else { return .zero }
        dryden.step(
            Dryden.Scale(height: height, wind20: parameters.speed20 * parameters.gustiness),
            airspeed: max(airspeed, Self.airspeedMin), seconds: Self.interval)
        let mean = Self.mean(speed20: parameters.speed20, height: height)
        let gust = dryden.gust
        return along * (mean + gust.x) + right * gust.y + Vector(0, 0, gust.z)
    }
}
