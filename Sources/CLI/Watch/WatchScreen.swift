internal import Agent
internal import Contract
internal import LiveRecord

/// The live view of `watch`: what is to be seen in so many columns and rows, the most wanted first. Pure.
///
/// A terminal that is too small gets the one line that a pipe gets.
package func watchScreen(_ reading: LiveReading, width: Int, height: Int) -> [StyledLine] {
    guard width >= WatchScreen.columnsMin, height >= WatchScreen.rowsMin else {
        return [WatchScreen.oneLine(reading)]
    }
    let screen = WatchScreen(reading: reading, width: width)
    let large = screen.lines(isLarge: true)
    return large.count <= height ? large : Array(screen.lines(isLarge: false).prefix(height))
}

private struct WatchScreen {
    static let columnsMin = 40
    static let rowsMin = 6
    private static let labelColumns = 10
    private static let gap = 2
    private static let instrumentColumns = 41
    private static let barCells = 20

    let reading: LiveReading
    let width: Int

    static func oneLine(_ reading: LiveReading) -> StyledLine {
        guard let flight = reading.flight else {
            return StyledLine(reading.coreFault ?? "The flight core does not answer.", .fault)
        }
        return StyledLine(watchLine(flight.core, phase: reading.agent == nil ? "unknown" : reading.agent?.phase))
    }

    /// `isLarge`: with horizon and bars, else with a line for each.
    func lines(isLarge: Bool) -> [StyledLine] {
        var lines: [StyledLine] = []
        if let flight = reading.flight {
            lines += [mode(flight.core), height(flight.core), owner(flight)]
            lines += update
            lines += isLarge ? instruments(flight) : [attitude(flight), motors]
            lines += [battery(flight.core), ticks(flight.core)]
            lines += arming(flight.core)
        } else {
            lines += rows("core", reading.coreFault ?? "The flight core does not answer.", .fault)
            lines += update
        }
        if let fault = reading.agentFault { lines += rows("agent", fault, .warning) }
        lines.append(StyledLine("Ctrl-C ends the watching; the flight and an update go on.", .faint))
        return lines
    }

    private func row(_ label: String, _ text: String, _ ink: Ink = .plain) -> StyledLine {
        var line = StyledLine(label.padded(to: Self.labelColumns), .faint)
        line += (text, ink)
        return line
    }

    /// The same, going on below where it is too wide: what to do stands at the end of a sentence.
    private func rows(_ label: String, _ text: String, _ ink: Ink) -> [StyledLine] {
        let room = width - Self.labelColumns
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= room {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.enumerated().map { row($0 == 0 ? label : "", $1, ink) }
    }

    // MARK: The flight

    private func mode(_ core: CoreReport) -> StyledLine {
        let ink: Ink =
            switch core.mode {
            case "failsafe": .fault
            case "disarmed": .plain
            default: .good
            }
        var line = row("mode", core.mode, ink)
        line += ("\(sourceText(core.source)), \(core.onGround ? "on the ground" : "in the air")", .plain)
        return line
    }

    private func height(_ core: CoreReport) -> StyledLine {
        row("height", "\(fixed(Double(core.altitude), 1)) m, climb \(fixed(Double(core.climb), 1)) m/s")
    }

    private func owner(_ flight: LiveReading.Flight) -> StyledLine {
        guard let owner = flight.core.owner else { return row("owner", "nobody owns the motors", .warning) }
        var line = row("owner", owner, .strong)
        let time = flight.ownedFor.map { " for \(durationText($0))" } ?? ""
        line += ("\(time), epoch \(flight.core.ownerEpoch)", .plain)
        if flight.core.inProbation { line += (", on probation", .warning) }
        return line
    }

    private func battery(_ core: CoreReport) -> StyledLine {
        let current = reading.record.current.map { ", \(fixed(Double($0), 1)) A" } ?? ""
        return row("battery", "\(fixed(Double(core.batteryVoltage), 1)) V\(current)")
    }

    private func ticks(_ core: CoreReport) -> StyledLine {
        row(
            "ticks",
            "\(core.tick) at \(core.tickRate) Hz: \(core.skipped) skipped, \(core.late) late, \(core.held) held, "
                + "\(core.failsafe) failsafe")
    }

    private func arming(_ core: CoreReport) -> [StyledLine] {
        guard core.mode == "disarmed", !core.armingRefused.isEmpty else { return [] }
        return rows("arming", "would be refused: \(core.armingRefused.joined(separator: ", "))", .warning)
    }

    // MARK: Instruments

    /// The horizon, and beside it angles, rates and motors; those alone where it has no room.
    private func instruments(_ flight: LiveReading.Flight) -> [StyledLine] {
        let rates = reading.record.rates
        let axes: [(name: String, angle: Float?, rate: Float?)] = [
            ("roll", flight.roll, rates?.x), ("pitch", flight.pitch, rates?.y), ("yaw", reading.record.yaw, rates?.z),
        ]
        let values = axes.map { axis($0.name, $0.angle, $0.rate) } + (0..<4).map(motorBar)
        let all = Horizon.columns + Self.gap + Self.instrumentColumns
        guard width > all else { return values.map { StyledLine($0) } }
        return zip(Horizon.lines(roll: flight.roll, pitch: flight.pitch), values).map { horizon, value in
            var line = StyledLine(horizon, .strong)
            line += (String(repeating: " ", count: Self.gap) + value, .plain)
            return line
        }
    }

    private func axis(_ name: String, _ angle: Float?, _ rate: Float?) -> String {
        let angleText = (angle.map(degrees) ?? "-").aligned(to: 6) + " deg"
        let rateText = rate.map { degrees($0).aligned(to: 9) + " deg/s" } ?? ""
        return name.padded(to: Self.labelColumns) + angleText + rateText
    }

    private func motorBar(_ index: Int) -> String {
        let name = "motor \(index + 1)".padded(to: Self.labelColumns)
        guard let share = motor(index) else { return name + "-".aligned(to: 6) + " %" }
        return name + percent(share).aligned(to: 6) + " % " + bar(Double(share), cells: Self.barCells)
    }

    private func attitude(_ flight: LiveReading.Flight) -> StyledLine {
        let yaw = reading.record.yaw.map { ", yaw \(degrees($0))" } ?? ""
        return row("attitude", "roll \(degrees(flight.roll)), pitch \(degrees(flight.pitch))\(yaw) deg")
    }

    private var motors: StyledLine {
        guard reading.record.motors != nil else { return row("motors", "known while a flight is recorded") }
        return row("motors", (0..<4).map { motor($0).map(percent) ?? "-" }.joined(separator: ", ") + " %")
    }

    private func motor(_ index: Int) -> Float? {
        guard let motors = reading.record.motors, motors.indices.contains(index) else { return nil }
        return motors[index]
    }

    private func percent(_ share: Float) -> String { fixed(Double(share) * 100, 0) }

    // MARK: The update

    private var update: [StyledLine] {
        guard let agent = reading.agent else { return [] }
        guard let phase = agent.phase else {
            let last = agent.lastUpdate.map { "; the last one: \($0)" } ?? ""
            return [row("update", "none under way\(last)")]
        }
        var head = row("update", phase, .strong)
        guard let update = agent.update, let step = update.steps.last else { return [head] }
        head += (", to \(update.reference)", .plain)
        let line = AgentLine.progress(step.phase, step.text, done: step.done, total: step.total, unit: step.unit)
        let share = shareDone(line).map { " " + bar($0, cells: Self.barCells) } ?? ""
        return [head, row("", progressSentence(line) + share)]
    }
}

private func degrees(_ radians: Float) -> String { fixed(Double(radians) * 180 / Double.pi, 1) }
