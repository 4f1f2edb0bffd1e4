internal import Contract

/// What has changed about the flight, one sentence each.
struct FlightNews {
    private var former: VehicleState?
    private var lost: String?

    mutating func take(_ state: VehicleState) -> [(severity: UInt8, sentence: String)] {
        var news: [(severity: UInt8, sentence: String)] = []
        defer { former = state }
        if lost != nil {
            lost = nil
            news.append((Dialect.Severity.notice, "The flight core answers."))
        }
        guard let former else { return news }
        if state.owner != former.owner || state.epoch != former.epoch {
            news.append(
                state.owner.map { (Dialect.Severity.notice, "\($0) owns the motors (epoch \(state.epoch)).") }
                    ?? (Dialect.Severity.critical, "Nobody owns the motors."))
        }
        if state.mode != former.mode {
            let severity = state.mode == .failsafe ? Dialect.Severity.critical : Dialect.Severity.info
            news.append((severity, "Flight mode: \(state.mode)."))
        }
        // On the ground the same bits only say why arming would be refused.
        if state.mode.isArmed, former.mode.isArmed {
            news += state.trouble.subtracting(former.trouble).reasons.map {
                (Dialect.Severity.warning, "Trouble: \($0).")
            }
        }
        return news
    }

    mutating func lose(_ sentence: String) -> [(severity: UInt8, sentence: String)] {
        defer { lost = sentence }
        return lost == sentence ? [] : [(Dialect.Severity.critical, sentence)]
    }
}
