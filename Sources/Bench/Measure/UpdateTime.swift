import Agent
import CPlatform
import FoundationEssentials

/// `droneagent update` up to the switch, against `docker pull` and `docker run` of the same image; the base layer is
/// there in both, the program's is not.
struct UpdateTime {
    private static let name = "update without probation / docker pull + run"
    private static let limit = 1.3
    /// Phases that only take time, so that the candidate proves itself.
    private static let settling: Set<String> = ["rehearsing", "shadowing"]

    private let options: MeasureOptions
    private let docker: Docker

    init(_ options: MeasureOptions) {
        self.options = options
        docker = Docker(options)
    }

    func figures() throws(BenchFault) -> [Figure] {
        let stage = try Stage(options)
        defer { stage.stop() }
        try docker.removeContainers()
        try docker.removeImages()
        try stage.startWorld()
        try stage.startCore()
        let agent = try stage.start("agent", "droneagent", ["serve", "--engine", options.engine] + stage.places)
        try stage.wait("the agent", of: agent) { FileManager.default.fileExists(atPath: stage.run + "/agent.sock") }
        let first = try stage.start("start", "droneagent", ["start", image("v1")] + stage.places)
        try stage.wait("v1's container") { !first.isRunning }
        guard first.exitCode == 0 else { throw BenchFault("v1 did not start: \(first.output)") }
        let kept = Set(try docker.images())

        var (settling, planned): ([Double], Double) = ([], 0)
        var pairs: [(ours: Double, other: Double)] = []
        var phases: [[FlightReport.Phase]] = []
        for _ in 0..<(options.quick ? 1 : 8) {
            let update = try timeUpdate(stage)
            phases.append(update.phases)
            try docker.removeImages(but: kept)
            let took = update.phases.filter { Self.settling.contains($0.name) }.reduce(0) { $0 + $1.end - $1.begin }
            settling.append(took)
            planned = update.planned
            pairs.append((update.seconds - took, try timeDocker()))
            try docker.removeImages(but: kept)
        }
        return [figure(pairs, Distribution(settling).p50, planned, phases)]
    }

    private func figure(
        _ pairs: [(ours: Double, other: Double)], _ settling: Double, _ planned: Double,
        _ phases: [[FlightReport.Phase]]
    ) -> Figure {
        var figure = Figure(Self.name, PairedRatio(pairs), limit: Self.limit)
        figure.goal += " plus the planned rehearsal and shadow"
        let ours = Distribution(pairs.map(\.ours)).p50
        let other = Distribution(pairs.map(\.other)).p50
        figure.measured += ", \(decimal(ours)) s + \(decimal(settling, 1)) s rehearsal and shadow / \(decimal(other)) s"
        figure.values["ours_s"] = ours
        figure.values["settling_s"] = settling
        figure.values["planned_settling_s"] = planned
        figure.values["reference_s"] = other
        figure.remarks = [
            "From the command to the switch, \(pairs.count) pairs in turn, the image removed before each; the base layer is there because v1 runs. Rehearsal and shadow are counted as they took; the plan said \(decimal(planned, 1)) s. Where our time goes, medians: \(phaseText(phases))."
        ]
        return figure
    }

    /// Such as "pulling 0.21 s, verifying 0.01 s".
    private func phaseText(_ phases: [[FlightReport.Phase]]) -> String {
        let names = phases.first?.map(\.name) ?? []
        return names.map { name in
            let spans = phases.compactMap { all in all.first { $0.name == name } }.map { $0.end - $0.begin }
            return "\(name) \(decimal(Distribution(spans).p50)) s"
        }.joined(separator: ", ")
    }

    private func image(_ tag: String) -> String { "\(options.registry)/flight:\(tag)" }

    // MARK: Arms

    /// One update that is called off once the new version has control: s to the switch, how much of it was planned for
    /// rehearsal and shadow, and the phases up to the switch.
    private func timeUpdate(_ stage: Stage) throws(BenchFault)
        -> (seconds: Double, planned: Double, phases: [FlightReport.Phase])
    {
        let begin = da_now()
        let update = try stage.start("update", "droneagent", ["update", image("v2"), "--json"] + stage.places)
        var switched: UInt64?
        var reader = PhaseReader()
        // The pauses of `wait` are longer than what is to be told apart.
        let limit = begin + UInt64(Stage.patience * 1e9)
        while switched == nil, update.isRunning, da_now() < limit {
            let output = update.output
            reader.take(output, now: Double(da_now()) / 1e9)
            if output.contains("\"phase\":\"probation\"") { switched = da_now() }
            da_sleep_until(da_now() + 2_000_000)
        }
        guard let switched else { throw BenchFault("The update came to no switch: \(update.output.suffix(400))") }
        let rollback = try stage.start("rollback", "droneagent", ["rollback"] + stage.places)
        try stage.wait("the way back") { !rollback.isRunning && !update.isRunning }
        return (
            Double(switched - begin) / 1e9, try planned(update.output), reader.phases.filter { $0.name != "probation" }
        )
    }

    /// s that rehearsal and shadow were planned to take, as the update says itself.
    private func planned(_ output: String) throws(BenchFault) -> Double {
        for text in output.split(separator: "\n") {
            guard let plan = (try? JSONDecoder().decode(AgentLine.self, from: Data(text.utf8)))?.plan else { continue }
            return plan.rehearsalSeconds + plan.shadowSeconds
        }
        throw BenchFault("The update printed no plan: \(output.suffix(400))")
    }

    /// The container has no core to talk to; it is there when the engine says that it runs.
    private func timeDocker() throws(BenchFault) -> Double {
        let pull = try docker("pull", "--quiet", image("v2"))
        let run = try docker("run", "--detach", "--network", "none", "--read-only", "--name", "measured", image("v2"))
        try docker("rm", "--force", "measured")
        return pull.seconds + run.seconds
    }
}
