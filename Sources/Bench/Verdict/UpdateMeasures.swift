internal import Airframe
package import CContract
import Contract
package import Simulator

/// How much an update moved the drone: from the truth, and from the two containers' own logs.
package struct UpdateMeasures: Sendable {
    /// s behind the switch in which its effect is looked for.
    package static let seconds = 2.0

    /// Largest tilt, rad.
    package var tiltMax = 0.0
    /// Largest distance of the height from where the asked climb rate leads, m.
    package var altitudeErrorMax = 0.0

    /// The two seconds from `begin` (ns) of one flight.
    ///
    /// - Parameters:
    ///   - truth: of the flight.
    ///   - begin: ns.
    ///   - climb: asked climb rate at a time, m/s; ns in.
    package init(truth: [TruthRecord], from begin: UInt64, climb: (UInt64) -> Double) {
        let end = begin + UInt64(Self.seconds * 1e9)
        var start: Double?
        var wanted = 0.0
        var last = begin
        for record in truth where record.truth.time >= begin && record.truth.time < end {
            let now = record.truth
            wanted += climb(now.time) * Double(now.time - last) / 1e9
            last = now.time
            let origin = start ?? now.altitude
            start = origin
            tiltMax = max(tiltMax, now.tilt)
            altitudeErrorMax = max(altitudeErrorMax, abs(now.altitude - origin - wanted))
        }
    }

    /// Distance between the new owner's first command and what the old one wanted for the same sample, 0 to 1: the
    /// step that the motors feel because of the switch, and not because of the manoeuvre.
    package static func commandStep(
        old: [da_command_record], new: [da_command_record], switchTick: UInt64
    ) -> Double? {
        guard let before = old.last(where: { $0.tick == switchTick }),
            let after = new.first(where: { $0.tick == switchTick })
        else { return nil }
        let (a, b) = (Motors(before.motor), Motors(after.motor))
        return (0..<4).reduce(0.0) { max($0, Double(abs(a[$1] - b[$1]))) }
    }

    /// RMS of the distance between both containers' commands over the ticks that both answered, 0 to 1.
    package static func commandDistance(_ a: [da_command_record], _ b: [da_command_record]) -> Double {
        var other: [UInt64: da_command_record] = [:]
        for record in b { other[record.tick] = record }
        var sum = 0.0
        var count = 0
        for record in a {
            guard let match = other[record.tick] else { continue }
            let (x, y) = (Motors(record.motor), Motors(match.motor))
            for motor in 0..<4 { sum += Double((x[motor] - y[motor]) * (x[motor] - y[motor])) }
            count += 4
        }
        return count == 0 ? 0 : (sum / Double(count)).squareRoot()
    }
}
