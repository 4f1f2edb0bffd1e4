internal import Airframe
internal import CContract
internal import Contract

/// Holds the flight against its limits, tick by tick.
struct RehearsalJudge {
    private let limits: RehearsalFigures
    private let variants: [VehicleVariant]
    /// s of a tick.
    private let period: Double
    /// m that the height to hold may run ahead in a take-off, where lift-off takes its time.
    private static let leash = 0.6

    /// Of the vehicles before the present one.
    private var former: [RehearsalFigures] = []
    private var figures = RehearsalFigures()
    private var variant = 0
    /// m above the start: the integral of the asked climb.
    private var wantedHeight = 0.0
    private var lastMotors: Motors?
    private var chatter = MeanSquare()
    private var swing = MeanSquare()

    init(limits: RehearsalFigures, variants: [VehicleVariant], period: Double) {
        self.limits = limits
        self.variants = variants
        self.period = period
    }

    /// Takes in one tick; `part` (0 to 1) of the leg is over.
    ///
    /// - Returns: what is beyond its limit.
    mutating func note(_ leg: RehearsalScript.Leg, part: Double, _ model: VehicleModel, _ motors: Motors) -> String? {
        if leg.variant != variant { begin(leg.variant) }
        follow(leg, model)
        figures.tilt = max(figures.tilt, model.attitude.tilt)
        figures.rate = max(figures.rate, model.rate.norm)
        if let lastMotors, leg.mode == .fly {
            for motor in 0..<4 { chatter.take(Double(motors[motor] - lastMotors[motor])) }
        }
        lastMotors = motors
        guard figures.tilt <= limits.tilt else { return "it tilted by \(degrees(figures.tilt, limits.tilt))" }
        guard figures.rate <= limits.rate else {
            return "it turned at \(decimal(figures.rate)) rad/s (limit \(decimal(limits.rate)))"
        }
        guard figures.height <= limits.height else {
            return "it was \(decimal(figures.height)) m away from its height (limit \(decimal(limits.height)))"
        }
        return leg.isJudged && part > 0.75 ? noteEnd(leg, isOver: part >= 1, model) : nil
    }

    /// Where the asked climb leads.
    private mutating func follow(_ leg: RehearsalScript.Leg, _ model: VehicleModel) {
        wantedHeight += Double(leg.setpoint.climb) * period
        if leg.mode == .fly {
            figures.height = max(figures.height, abs(model.height - wantedHeight))
        } else {
            wantedHeight = min(max(wantedHeight, model.height - Self.leash), model.height + Self.leash)
        }
    }

    private mutating func noteEnd(_ leg: RehearsalScript.Leg, isOver: Bool, _ model: VehicleModel) -> String? {
        let asked = leg.setpoint
        let (roll, pitch) = (model.attitude.roll - Double(asked.roll), model.attitude.pitch - Double(asked.pitch))
        figures.error = max(figures.error, (roll * roll + pitch * pitch).squareRoot())
        figures.turn = max(figures.turn, abs(model.rate.z - Double(asked.yaw_rate)))
        swing.take(model.rate.x)
        swing.take(model.rate.y)
        guard isOver else { return nil }
        figures.swing = max(figures.swing, swing.root)
        figures.chatter = chatter.root
        swing = MeanSquare()
        guard figures.error <= limits.error else {
            return "it ended \(degrees(figures.error, limits.error)) from the asked attitude"
        }
        guard figures.swing <= limits.swing else {
            return "it still swung at \(decimal(figures.swing)) rad/s when it should have been steady "
                + "(limit \(decimal(limits.swing)))"
        }
        guard figures.turn <= limits.turn else {
            return "its rate of turn was \(decimal(figures.turn)) rad/s off (limit \(decimal(limits.turn)))"
        }
        guard figures.chatter <= limits.chatter else {
            return "its commands jumped by \(decimal(figures.chatter * 100)) % from tick to tick "
                + "(limit \(decimal(limits.chatter * 100)))"
        }
        return nil
    }

    private mutating func begin(_ next: Int) {
        former.append(figures)
        figures = RehearsalFigures()
        chatter = MeanSquare()
        variant = next
    }

    /// The end of the flight, with what was wrong; nil: nothing.
    func verdict(_ fault: String?) -> RehearsalVerdict {
        RehearsalVerdict(fault: fault.map { "\($0), flying \(variants[variant].name)" }, figures: former + [figures])
    }
}

private struct MeanSquare {
    private var sum = 0.0
    private var count = 0.0

    mutating func take(_ value: Double) {
        sum += value * value
        count += 1
    }

    var root: Double { count > 0 ? (sum / count).squareRoot() : 0 }
}

private func decimal(_ value: Double) -> String { "\((min(value, 1e6) * 10).rounded() / 10)" }

private func degrees(_ value: Double, _ limit: Double) -> String {
    func whole(_ angle: Double) -> Int { Int((angle * 180 / .pi).rounded()) }
    return "\(whole(value))° (limit \(whole(limit))°)"
}
