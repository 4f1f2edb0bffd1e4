import Agent
import CContract
import Contract
import Foundation
import Testing

/// `ssh pi@drone droneagent update v2`, over a real sshd.
extension LiveUpdateTests {
    private func overSecureShell(_ body: (LiveFlight, SecureShell, String) async throws -> Void) async throws {
        try await flying { flight in
            let shell = try await SecureShell(in: flight.folder.path)
            defer { shell.end() }
            let program = try #require(LiveFlight.programs) + "/droneagent"
            let places = "--run \(flight.directories.run) --state \(flight.directories.state)"
            try await body(flight, shell, "\(program) VERB \(places)")
        }
    }

    private func command(_ form: String, _ verb: String) -> String {
        form.replacingOccurrences(of: "VERB", with: verb)
    }

    @Test(
        .enabled(if: SecureShell.isPossible, "needs openssh-server and openssh-client; Board/bench test installs them"))
    func overSecureShellLinesAreLiveAndExitCodesPass() async throws {
        try await overSecureShell { flight, shell, form in
            let refused = try await shell.run(command(form, "update absent"))
            #expect(refused.code == 2 && refused.out.contains("has no"), "\(refused)")
            let usage = try await shell.run(command(form, "update"))
            #expect(usage.code == 64, "\(usage)")
            // Piped: a line a step, nothing that moves the cursor.
            let plain = try await shell.run(command(form, "update v2"))
            #expect(plain.code == 0, "\(plain)")
            #expect(!plain.out.contains("\u{1B}") && !plain.out.contains("\r"), "\(plain.out)")
            #expect(plain.out.split(separator: "\n").count > 4, "\(plain.out)")
            // On a terminal: one line that is written over.
            let live = try await shell.run(command(form, "update v1"), terminal: true)
            #expect(live.code == 0, "\(live)")
            #expect(live.out.contains("\u{1B}[K") || live.out.contains("\u{1B}[2K"), "\(live.out)")
        }
    }

    @Test(
        .enabled(if: SecureShell.isPossible, "needs openssh-server and openssh-client; Board/bench test installs them"))
    func aCutConnectionChangesNothing() async throws {
        try await overSecureShell { flight, shell, form in
            let owner = try flight.owner()
            let (client, _) = try shell.begin(command(form, "update v2"), terminal: true)
            try await flight.until("the candidate shadows") { (try? await flight.phase()) == "shadowing" }
            kill(client.processIdentifier, SIGKILL)
            client.waitUntilExit()
            // Whoever comes back sees it go on, and then its end.
            let (watch, output) = try shell.begin(command(form, "watch"))
            defer { if watch.isRunning { watch.terminate() } }
            try await flight.until("the new version owns") { (try? flight.owner()).map { $0 != owner } ?? false }
            try await flight.until("the update has ended") { (try? await flight.phase()) == nil }
            watch.terminate()
            let seen = String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
            #expect(seen.contains("shadowing") || seen.contains("probation"), "\(seen)")
            #expect(try flight.core.status().instances.count == 1)
            #expect(try flight.core.status().ticks_failsafe == 0)
        }
    }
}
