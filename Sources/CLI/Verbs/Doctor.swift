internal import Agent
package import ArgumentParser
internal import CContract
internal import Glibc

extension DroneAgent {
    /// `droneagent doctor`
    package struct Doctor: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Looks at board and machine before a flight, and says what to do about what it finds.",
            discussion: """
                One line for each: bus, chips, pins, real time (by the flight core, which must not run meanwhile to be \
                looked at whole), engine, memory limits, clock, heat, room and speed of the disk. Ends with 2 if something \
                is a fault. Run it as the user that core and agent run as.
                """)

        @Option(
            help: ArgumentHelp(
                "Board file, or a compiled one; else board.bin of the state directory.", valueName: "file"),
            completion: .file())
        package var board: String?
        @Option(
            help: ArgumentHelp(
                "The program flightcore; else the one beside droneagent, or in its package.", valueName: "file"),
            completion: .file())
        package var core: String?
        @OptionGroup package var engine: EngineOptions
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() async throws {
            let directories = places.directories
            var (compiled, fault): (da_board?, String?) = (nil, nil)
            do throws(CommandFailure) {
                compiled = try BoardReader.show(board ?? directories.state + "/board.bin")
            } catch { fault = error.sentence }
            let doctor = Agent.Doctor(
                directories: directories, engineSocket: engine.path, core: core ?? Self.ownCore)
            let form = output
            let isFit = await doctor.look(at: compiled, boardFault: fault) { finding in
                Output.write(form.json ? Output.json(finding) : findingLine(finding) + "\n")
            }
            guard isFit else { throw CommandFailure(.refused, "It should not fly before what is at fault is mended.") }
        }

        /// Beside this program, as a build leaves it; else where its package puts it, /usr/libexec/droneagent for /usr/bin.
        private static var ownCore: String {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
            let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            let folders = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            let beside = folders.joined(separator: "/") + "/flightcore"
            let packaged = folders.dropLast().joined(separator: "/") + "/libexec/droneagent/flightcore"
            return access(beside, X_OK) != 0 && access(packaged, X_OK) == 0 ? packaged : beside
        }
    }
}

/// A line for a person, in columns.
func findingLine(_ finding: Finding) -> String {
    finding.state.rawValue.padded(to: 9) + finding.subject.padded(to: 15) + finding.sentence
}
