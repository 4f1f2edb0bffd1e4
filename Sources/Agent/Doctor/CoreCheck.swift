internal import CPlatform
internal import Foundation

/// What the flight core finds of bus, chips and lines: asked, when one runs; else looked up with `flightcore --check`.
struct CoreCheck {
    /// s within which it looks: a second for the chips and their settings, and what a bus that hangs takes.
    private static let limit = 20.0
    /// Bytes of what it may say.
    private static let outputMax = 1 << 16

    var directories: Directories
    /// The program, and the compiled board.
    var program: String
    var board: String
    /// For what the program says.
    var folder: URL

    func findings() async -> [Finding] {
        if let status = try? CoreClient(path: directories.coreSocket).status() { return running(CoreReport(status)) }
        guard FileManager.default.isExecutableFile(atPath: program) else {
            return [
                Finding(
                    .fault, "core",
                    "There is no flight core at \(program); install it beside droneagent, or name it with --core.")
            ]
        }
        do { return try await look() } catch {
            return [Finding(.fault, "core", "\(program) cannot be started: \(error.localizedDescription).")]
        }
    }

    /// The core owns the bus: nobody else may look.
    private func running(_ core: CoreReport) -> [Finding] {
        let what = "A core runs (tick \(core.tick), \(core.mode)) and owns the bus"
        var findings = [
            core.realtime
                ? Finding(.ok, "core", "\(what), in real time.")
                : Finding(
                    .warning, "core",
                    "\(what), without real-time priority; give LimitRTPRIO=99 and CPUSchedulingPolicy=fifo in its unit."
                )
        ]
        // In the air nobody asks to arm.
        if core.mode == "disarmed" {
            findings += core.armingRefused.map {
                Finding(.warning, "arming", "It would not arm: \($0); see 'droneagent status'.")
            }
        }
        return findings
    }

    private func look() async throws -> [Finding] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--check", "--board", board, "--run", directories.run]
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        let file = folder.appending(path: "output")
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        let output = try FileHandle(forUpdating: file)
        defer { try? output.close() }
        (process.standardOutput, process.standardError) = (output, output)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let end = da_now() + UInt64(Self.limit * 1e9)
        while process.isRunning, da_now() < end { try await Task.sleep(for: .milliseconds(20)) }
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            return [
                Finding(
                    .fault, "core",
                    "\(program) --check did not end within \(Int(Self.limit)) s: a transfer hangs; look at the bus's wiring and pull-ups."
                )
            ]
        }
        try output.seek(toOffset: 0)
        let text = String(decoding: try output.read(upToCount: Self.outputMax) ?? Data(), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let findings = lines.compactMap(Finding.init(line:))
        guard findings.isEmpty else { return findings }
        // It could not even begin, and says why in one sentence.
        let word = lines.last.map { $0.hasPrefix("flightcore: ") ? $0.dropFirst("flightcore: ".count) : $0 }
        return [
            Finding(
                .fault, "core",
                word.map(String.init)
                    ?? "\(program) --check ended with \(process.terminationStatus) and said nothing; install droneagent and flightcore of one version."
            )
        ]
    }
}
