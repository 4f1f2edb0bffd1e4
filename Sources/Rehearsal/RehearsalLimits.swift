/// What a rehearsal measures of one vehicle's flight; also what is tolerated of each.
package struct RehearsalFigures: Equatable, Sendable {
    /// rad, largest.
    package var tilt = 0.0
    /// rad/s, largest.
    package var rate = 0.0
    /// m, largest distance from the asked height.
    package var height = 0.0
    /// rad, largest distance from the asked attitude at the end of a leg (its last quarter).
    package var error = 0.0
    /// rad/s, largest RMS of roll's and pitch's rate at the end of a leg: what still swings.
    package var swing = 0.0
    /// rad/s, largest distance from the asked rate of turn at the end of a leg.
    package var turn = 0.0
    /// RMS of a motor command's change from tick to tick, 0 to 1.
    package var chatter = 0.0

    package init() {}
}

extension RehearsalFigures {
    /// Tolerated of any controller. A test prints how much of each versions 1 and 2 use: 54 % at most.
    package static func limits(tiltLimit: Float) -> RehearsalFigures {
        var limits = RehearsalFigures()
        // 20° beyond what a pilot may ask for: there height is given up.
        limits.tilt = Double(tiltLimit) + 0.35
        // 600 °/s: where a board file's envelope ends, at a little over half of the gyro's range.
        limits.rate = 10.5
        // What a pilot sees as a fall. A thrust that is 30 % short within a second costs half of it.
        limits.height = 2
        // 7°: a loop gets there in 0.6 s or has no steady aim.
        limits.error = 0.12
        // 17 °/s: gusts cause as much, an even flight does not; a loop at its limit swings by ten times as much.
        limits.swing = 0.3
        // Half of what is asked, with a margin: yaw is weak and slow, but it turns the right way.
        limits.turn = 0.6
        // Rotors follow a tenth of it; more is heat.
        limits.chatter = 0.03
        return limits
    }
}

/// How a rehearsal ended.
package struct RehearsalVerdict: Equatable, Sendable {
    /// Why it failed, in one sentence; nil: it passed.
    package var fault: String?
    /// Of each vehicle flown, in their order.
    package var figures: [RehearsalFigures]

    package init(fault: String?, figures: [RehearsalFigures]) {
        self.fault = fault
        self.figures = figures
    }
}
