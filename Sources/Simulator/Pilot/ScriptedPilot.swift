package import CContract

/// What the pilot wants the vehicle to be in; held until the vehicle is in it.
package enum PilotWish: Equatable, Sendable {
    /// Nothing: the vehicle stands and measures its biases.
    case wait
    case arm
    /// To this height above the place of arming, m.
    case takeoff(height: Float)
    /// The setpoint is flown.
    case fly
    case land
}

/// What the pilot asks for at one moment.
package struct PilotAsk: Sendable {
    package var wish: PilotWish
    package var setpoint: da_setpoint
}

/// A pilot who flies the same thing every time: take off, manoeuvre without a pause, land. Pure: time in,
/// wish and setpoint out.
///
/// There is no hover in it, for a hover hides gaps: 100 ms without a command are invisible in one.
package struct ScriptedPilot: Sendable {
    /// One piece of a manoeuvre.
    package struct Segment: Sendable {
        /// s.
        package var seconds: Double
        /// rad, rad, rad/s, m/s up.
        package var setpoint: da_setpoint
    }

    /// s of standing before arming: the core needs some for the gyro's bias.
    package var waitSeconds = 3.0
    /// s between arming and take-off.
    package var armSeconds = 1.0
    /// s for the climb to the take-off height.
    package var takeoffSeconds = 8.0
    /// m.
    package var takeoffHeight: Float = 5
    /// s of manoeuvres.
    package var manoeuvreSeconds: Double

    package init(manoeuvreSeconds: Double) {
        self.manoeuvreSeconds = manoeuvreSeconds
    }

    /// s from the start to the first manoeuvre.
    package var manoeuvresBegin: Double { waitSeconds + armSeconds + takeoffSeconds }
    /// s from the start to the landing's begin.
    package var landingBegins: Double { manoeuvresBegin + manoeuvreSeconds }

    /// What the pilot asks for `seconds` after the start.
    package func ask(at seconds: Double) -> PilotAsk {
        let level = da_setpoint()
        if seconds < waitSeconds { return PilotAsk(wish: .wait, setpoint: level) }
        if seconds < waitSeconds + armSeconds { return PilotAsk(wish: .arm, setpoint: level) }
        if seconds < manoeuvresBegin {
            return PilotAsk(wish: .takeoff(height: takeoffHeight), setpoint: level)
        }
        if seconds < landingBegins {
            return PilotAsk(wish: .fly, setpoint: Self.manoeuvre(at: seconds - manoeuvresBegin))
        }
        return PilotAsk(wish: .land, setpoint: level)
    }

    /// 20 degrees, 90 degrees a second, 1 m/s.
    private static let lean: Float = 20 * .pi / 180
    private static let turn: Float = 90 * .pi / 180
    private static let rise: Float = 1
    /// s of half a doublet, and of a turn.
    private static let half = 0.8
    private static let turning = 1.6

    private static func segment(
        _ seconds: Double, roll: Float = 0, pitch: Float = 0, yawRate: Float = 0, climb: Float = 0
    ) -> Segment {
        Segment(seconds: seconds, setpoint: da_setpoint(roll: roll, pitch: pitch, yaw_rate: yawRate, climb: climb))
    }

    /// The repeating script: doublets at constant height, turns while climbing, then the same mirrored while
    /// descending, so that the vehicle comes back to where it began: from 5 m to 8.2 m and back.
    package static let script: [Segment] = [
        segment(half, roll: lean), segment(half, roll: -lean),
        segment(turning, yawRate: turn, climb: rise),
        segment(half, pitch: lean), segment(half, pitch: -lean),
        segment(turning, yawRate: -turn, climb: rise),
        segment(half, roll: -lean), segment(half, roll: lean),
        segment(turning, yawRate: -turn, climb: -rise),
        segment(half, pitch: -lean), segment(half, pitch: lean),
        segment(turning, yawRate: turn, climb: -rise),
    ]

    /// s of one pass through the script.
    package static let scriptSeconds = script.reduce(0) { $0 + $1.seconds }

    /// The setpoint `seconds` after the first manoeuvre's begin.
    package static func manoeuvre(at seconds: Double) -> da_setpoint {
        var left = max(0, seconds).truncatingRemainder(dividingBy: scriptSeconds)
        for segment in script {
            if left < segment.seconds { return segment.setpoint }
            left -= segment.seconds
        }
        return da_setpoint()
    }
}
