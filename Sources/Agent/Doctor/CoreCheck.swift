internal import CPlatform
internal import FoundationEssentials
internal import Glibc

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
        do throws(Fault) { return try await look() } catch { return [Finding(.fault, "core", error.sentence)] }
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

    private func look() async throws(Fault) -> [Finding] {
        let output = folder.appending(path: "output").path
        let check = try ChildProcess(program, ["--check", "--board", board, "--run", directories.run], output: output)
        let end = da_now() + UInt64(Self.limit * 1e9)
        while check.isRunning, da_now() < end, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(20)) }
        guard let ending = check.ending else {
            check.kill(SIGKILL)
            return [
                Finding(
                    .fault, "core",
                    "\(program) --check did not end within \(Int(Self.limit)) s: a transfer hangs; look at the bus's wiring and pull-ups."
                )
            ]
        }
        var bytes = [UInt8](repeating: 0, count: Self.outputMax)
        let count = da_file_read(output, &bytes, UInt64(bytes.count))
        let text = String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let findings = lines.compactMap(Finding.init(line:))
        guard findings.isEmpty else { return findings }
        // It could not even begin, and says why in one sentence.
        let word = lines.last.map { $0.hasPrefix("flightcore: ") ? $0.dropFirst("flightcore: ".count) : $0 }
        return [
            Finding(
                .fault, "core",
                word.map(String.init)
                    ?? "\(program) --check \(ending) and said nothing; install droneagent and flightcore of one version."
            )
        ]
    }
}
