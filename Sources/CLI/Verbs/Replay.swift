internal import Agent
package import ArgumentParser
internal import CContract
internal import Contract
package import FlightLog
internal import Synchronization

extension DroneAgent {
    /// `droneagent replay FILE --image REF`
    package struct Replay: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Flies a candidate in shadow on a past flight, before it ever leaves the ground.",
            discussion: """
                Starts the image as a candidate's container, gives it each sample of the flight's log, and holds its \
                commands against those that flew, by the limits of an update. With --owner the version that flew runs \
                beside it on the same samples and hands over its state, as in an update; without, the candidate \
                stands on its own state from the ground on, and one of another version drifts away. It needs an engine and \
                no drone; on a drone it refuses while that is armed. Ends with 0 if the candidate would have been let \
                through, with 2 if not.

                \(ExitStatus.table)
                """)

        @Argument(help: "A flight's log: a file, or a flight's name or number.")
        package var flight: String
        @Option(help: "Image of the candidate: host:port/repository:tag or host:port/repository@sha256:DIGEST.")
        package var image: String
        @Option(help: ArgumentHelp("Image of what flew, whose state the candidate stands on.", valueName: "image"))
        package var owner: String?
        @Option(
            help: ArgumentHelp(
                "Folder for the containers' sockets, short and seen by the engine; else the one for temporary files.",
                valueName: "dir"))
        package var folder: String?
        @OptionGroup package var engine: EngineOptions
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() async throws {
            let path = try FlightFiles(places.directories).path(of: flight)
            try refuseInFlight()
            let brief = try Self.brief(path)
            let (image, owner) = (image, owner)
            let crew = ReplayCrew(engineSocket: engine.path, folder: folder)
            let screen = ReplayScreen(json: output.json)
            do throws(Fault) {
                try await untilTold { () async throws(Fault) in
                    let verdict = try await crew.fly(
                        image, owner: owner, welcome: brief.welcome,
                        progress: { screen.show(AgentLine.progress("starting", $0)) }
                    ) { exchange throws(Fault) in try Self.play(path, brief, exchange, screen) }
                    screen.keep(verdict)
                }
            } catch {
                screen.end()
                throw CommandFailure(.refused, error.sentence)
            }
            screen.end()
            guard let verdict = screen.verdict else { throw CommandFailure(.refused, "The replay was called off.") }
            if output.json {
                Output.write(Output.json(verdict))
            } else {
                for line in replayLines(verdict) { Output.write(line + "\n") }
            }
            guard verdict.isLetThrough else { throw CommandFailure(.refused, verdict.sentence) }
            if !output.json { Output.write(verdict.sentence + "\n") }
        }

        /// Containers and engine would take time from what flies here.
        private func refuseInFlight() throws(CommandFailure) {
            guard let core = try? CoreClient(path: places.directories.coreSocket).status(),
                core.mode != FlightMode.disarmed.rawValue
            else { return }
            throw CommandFailure(.refused, "The vehicle of this machine is armed; replay when it has landed.")
        }

        private static func brief(_ path: String) throws -> ReplayBrief {
            var reader = ReplayReader()
            try readLog(path) { reader.read($0) }
            do throws(ReplayRefusal) { return try reader.finish() } catch {
                throw CommandFailure(.refused, "\(path): \(error)")
            }
        }

        /// The flight, tick by tick. Blocks.
        private static func play(
            _ path: String, _ brief: ReplayBrief, _ exchange: ReplayExchange, _ screen: ReplayScreen
        ) throws(Fault) -> ReplayVerdict {
            var (samples, judge, played) = (LogSamples(), ReplayJudge(brief.welcome), 0)
            do {
                try readLog(path) { chunk in
                    for tick in samples.read(chunk) where tick.sample.tick >= brief.firstTick {
                        judge.take(tick, try exchange.answer(tick.sample, isOwned: tick.owner != nil))
                        played += 1
                        if played % 500 == 0 { screen.show(played, of: brief.ticks) }
                    }
                }
            } catch {
                throw (error as? CommandFailure).map { Fault($0.sentence) } ?? Fault(error, while: "The replay")
            }
            return judge.finish(brief)
        }
    }
}

/// What is shown of a replay, from whichever thread, and what comes of it.
private final class ReplayScreen: Sendable {
    private let display: Mutex<ProgressDisplay>
    private let found = Mutex<ReplayVerdict?>(nil)

    private let tell: @Sendable (String) -> Void

    init(json: Bool) {
        display = Mutex(ProgressDisplay(Output.form(json: json)))
        tell = Output.teller(json: json)
    }

    var verdict: ReplayVerdict? { found.withLock { $0 } }

    func keep(_ verdict: ReplayVerdict) { found.withLock { $0 = verdict } }

    func show(_ line: AgentLine) { display.withLock { tell($0.show(line)) } }

    func show(_ ticks: Int, of all: Int) {
        show(
            AgentLine.progress(
                "replaying", "The flight is replayed.", done: UInt64(ticks), total: UInt64(max(all, ticks)),
                unit: "ticks"))
    }

    func end() { display.withLock { tell($0.end()) } }
}

/// The verdict for a person, without its sentence.
package func replayLines(_ verdict: ReplayVerdict) -> [String] {
    func row(_ name: String, _ distance: ReplayVerdict.Distance, _ scale: Double, _ unit: String) -> String {
        let (rms, most) = (fixed(distance.rms * scale, 3), fixed(distance.most * scale, 3))
        return name.padded(to: 22) + "\(rms) \(unit) RMS, at most \(most) \(unit)"
    }
    let worst = verdict.worstAt.map { ", worst \(fixed($0, 3)) s from the log's beginning" } ?? ""
    let same = verdict.compared > 0 && verdict.identical == verdict.compared
    return [
        "\(verdict.ticks) samples in \(fixed(verdict.seconds, 1)) s: \(verdict.unanswered) without an answer, \(verdict.gaps) ticks not in the log",
        same
            ? "compared \(verdict.compared): no bit differs"
            : "compared \(verdict.compared), in \(verdict.identical) of them no bit differs\(worst)",
        row("motor command", verdict.command, 100, "%"),
        row("angular acceleration", verdict.angular, 1, "rad/s²"),
        row("thrust over mass", verdict.thrust, 1, "m/s²"),
    ]
        + (verdict.isCut ? ["The log ends in the middle of a message: its writer was killed or lost its power."] : [])
}
