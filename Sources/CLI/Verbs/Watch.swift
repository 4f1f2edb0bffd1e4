internal import Agent
package import ArgumentParser
internal import Glibc

extension DroneAgent {
    /// `droneagent watch`
    package struct Watch: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Shows the flight until interrupted.",
            discussion: """
                On a terminal a live view that is drawn in place, five times a second: attitude, height, owner, update. \
                Piped, and on a dumb terminal, a line a second. Goes on from the flight core alone while the agent is \
                away. NO_COLOR is respected.
                """)

        /// Of lines. A person reads no faster; it costs the core one reply.
        private static let interval = Duration.seconds(1)

        @Option(
            help: ArgumentHelp(
                "File or folder/ in which the core records, for motors and body rates; else flights/ of the state.",
                valueName: "place"), completion: .file())
        package var record: String?
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() async throws {
            if !output.json, let terminal = Terminal.behind(STDOUT_FILENO) {
                try await draw(on: terminal)
            } else {
                try await write()
            }
        }

        /// Ends by a signal only.
        private func draw(on terminal: Terminal) async throws {
            let directories = places.directories
            // Where neither core nor agent is there is nothing to watch; who goes away later may come again.
            _ = try await StatusReading.take(directories)
            let news = AgentNews()
            let asking = Task { await news.follow(directories) }
            let view = LiveView(
                terminal, core: CoreClient(path: directories.coreSocket), recordPath: record ?? directories.flights,
                news: news)
            await view.run()
            asking.cancel()
        }

        private func write() async throws {
            var display = ProgressDisplay(output.json ? .json : .plain)
            while true {
                let reading = try await StatusReading.take(places.directories)
                if output.json {
                    Output.write(reading.json)
                } else if let core = reading.core {
                    let line = watchLine(core, phase: reading.report == nil ? "unknown" : reading.report?.phase)
                    Output.write(display.show(.watching(line)))
                } else if let failure = reading.failure {
                    Output.write(display.show(.watching(failure.sentence)))
                }
                try await Task.sleep(for: Self.interval)
            }
        }
    }
}

extension AgentLine {
    fileprivate static func watching(_ text: String) -> AgentLine {
        var line = AgentLine.progress("", text)
        line.phase = nil
        return line
    }
}
