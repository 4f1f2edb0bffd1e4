package import Agent
internal import Contract

/// The whole status, a subject a line.
package func statusLines(_ status: StatusReport) -> [String] {
    var rows = status.core.map(coreRows) ?? [["core", printable(status.coreFault ?? "does not answer")]]
    let containers = Dictionary(status.instances.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    rows += (status.core?.instances ?? []).map { instance in
        [printable(instance.name), instanceText(instance, containers[instance.name])]
    }
    let attached = Set((status.core?.instances ?? []).map(\.name))
    rows += status.instances.filter { !attached.contains($0.name) }.map { instance in
        [printable(instance.name), printable("\(instance.role), \(instance.image), not attached to the core")]
    }
    rows.append(["engine", printable(status.engine.map { "API \($0)" } ?? status.engineFault ?? "does not answer")])
    rows.append(["update", updateText(status)])
    if let last = status.lastUpdate { rows.append(["last update", printable(last)]) }
    if let committed = status.committed { rows.append(["committed", printable(committed)]) }
    if let previous = status.previous { rows.append(["before it", printable(previous)]) }
    if let camera = status.camera { rows.append(["camera", printable(camera)]) }
    return columns(rows)
}

/// Whoever asked for it: an update goes on when its terminal is gone.
private func updateText(_ status: StatusReport) -> String {
    guard let phase = status.phase else { return "none under way" }
    guard let update = status.update, let step = update.steps.last else { return printable(phase) }
    let line = AgentLine.progress(step.phase, step.text, done: step.done, total: step.total, unit: step.unit)
    return printable("\(phase), to \(update.reference). ") + progressSentence(line)
}

/// What the core says of itself, when there is no agent to say more.
package func statusLines(_ core: CoreReport) -> [String] {
    columns(coreRows(core) + core.instances.map { [printable($0.name), instanceText($0, nil)] })
}

/// One line of `watch`.
package func watchLine(_ core: CoreReport, phase: String?) -> String {
    let owner = core.owner.map { "\($0) (epoch \(core.ownerEpoch))" } ?? "nobody"
    // The most wanted first: a narrow terminal cuts the rest.
    return printable(
        "tick \(core.tick), \(core.mode), \(owner), \(phase.map { "update \($0)" } ?? "no update"), "
            + "altitude \(fixed(Double(core.altitude), 1)) m, tilt \(degrees(core.tilt)) deg, "
            + "late \(core.late), held \(core.held), failsafe \(core.failsafe)")
}

private func coreRows(_ core: CoreReport) -> [[String]] {
    let owner = core.owner.map { "\($0) owns the motors (epoch \(core.ownerEpoch))" } ?? "nobody owns the motors"
    var rows = [
        [
            "core",
            printable(
                "tick \(core.tick) at \(core.tickRate) Hz, \(core.realtime ? "real time" : "without real time"); \(owner)"
                    + (core.inProbation ? ", on probation" : "")),
        ],
        [
            "flight",
            printable(
                "\(core.mode)\(sourceText(core.source)), \(core.onGround ? "on the ground" : "in the air"), "
                    + "altitude \(fixed(Double(core.altitude), 1)) m, climb \(fixed(Double(core.climb), 1)) m/s, "
                    + "tilt \(degrees(core.tilt)) deg, battery \(fixed(Double(core.batteryVoltage), 1)) V"),
        ],
        [
            "ticks",
            "\(core.skipped) skipped, \(core.late) late, \(core.held) held, \(core.failsafe) failsafe, "
                + "\(core.staleRefused) stale commands refused",
        ],
    ]
    if !core.armingRefused.isEmpty, core.mode == "disarmed" {
        rows.append(["arming", printable("would be refused: " + core.armingRefused.joined(separator: ", "))])
    }
    return rows
}

/// Whose setpoint is flown; on the ground nobody's.
func sourceText(_ source: String) -> String {
    switch source {
    case "none": ""
    case "ground": " by the control socket"
    default: " by the \(source)"
    }
}

private func instanceText(_ instance: CoreReport.Instance, _ container: StatusReport.Instance?) -> String {
    let image = container.map { ", \($0.image)" } ?? ""
    let distance = instance.role == "owner" ? "" : ", divergence \(fixed(Double(instance.divergence), 3))"
    let step = instance.inStepTicks.map { ", in step for \($0) ticks" } ?? ""
    return printable(
        "\(instance.role)\(image)\(step)\(distance), answered \(instance.answered), late \(instance.late), "
            + "refused \(instance.refused), dropped \(instance.dropped)")
}

private func degrees(_ radians: Float) -> String { fixed(Double(radians) * 180 / Double.pi, 1) }
