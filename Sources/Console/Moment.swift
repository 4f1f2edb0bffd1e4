internal import Agent

/// What the curves show of one moment.
package struct Moment: Equatable, Sendable {
    /// ms since 1970, by the wall clock of the machine that the console runs on.
    package var time: Int64
    /// By curve; NaN: not known.
    private var values = [Float](repeating: .nan, count: Curve.allCases.count)

    package init(time: Int64) { self.time = time }

    package subscript(curve: Curve) -> Float {
        get { values[curve.rawValue] }
        set { values[curve.rawValue] = newValue }
    }

    /// The time, then the curves in their order, null where one is not known: a JSON array.
    package var json: String {
        let numbers = values.map { value in
            value.isFinite ? "\((Double(value) * 1000).rounded() / 1000)" : "null"
        }
        return "[\(time),\(numbers.joined(separator: ","))]"
    }
}

/// The curves: names and units for people, in the order of `Moment.json`. Body axes are forward, right, down.
package enum Curve: Int, CaseIterable, Sendable {
    case height, climb
    case roll, pitch, yaw
    case rollRate, pitchRate, yawRate
    case motor1, motor2, motor3, motor4
    case voltage, current
    case divergence, gap, busLoad

    package var label: String {
        switch self {
        case .height: "height"
        case .climb: "climb"
        case .roll: "roll"
        case .pitch: "pitch"
        case .yaw: "yaw"
        case .rollRate: "roll rate"
        case .pitchRate: "pitch rate"
        case .yawRate: "yaw rate"
        case .motor1: "motor 1"
        case .motor2: "motor 2"
        case .motor3: "motor 3"
        case .motor4: "motor 4"
        case .voltage: "battery"
        case .current: "current"
        case .divergence: "shadow's distance"
        case .gap: "gap of motor writes"
        case .busLoad: "bus load"
        }
    }

    package var unit: String {
        switch self {
        case .height: "m"
        case .climb: "m/s"
        case .roll, .pitch, .yaw: "°"
        case .rollRate, .pitchRate, .yawRate: "°/s"
        case .motor1, .motor2, .motor3, .motor4, .divergence, .busLoad: "%"
        case .voltage: "V"
        case .current: "A"
        case .gap: "ms"
        }
    }

    private struct Description: Encodable {
        var label: String
        var unit: String
    }

    /// All of them, as a JSON array of label and unit.
    static var descriptions: [UInt8] { jsonLine(allCases.map { Description(label: $0.label, unit: $0.unit) }) }
}
