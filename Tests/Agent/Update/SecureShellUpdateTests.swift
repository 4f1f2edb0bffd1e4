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
            let live = try await shell.run(command(form, "update v2 --again"), terminal: true)
            #expect(live.code == 0, "\(live)")
            #expect(live.out.contains("\u{1B}[K") || live.out.contains("\u{1B}[2K"), "\(live.out)")
        }
    }

    /// The laptop is out of reach in the middle of an update: that goes on, and another connection sees it through.
    @Test(
        .enabled(if: SecureShell.isPossible, "needs openssh-server and openssh-client; Board/bench test installs them"),
        arguments: [false, true])
    func overSecureShellACutConnectionChangesNothing(terminal: Bool) async throws {
        try await overSecureShell { flight, shell, form in
            let owner = try flight.owner()
            let (client, output) = try shell.begin(command(form, "update v2"), terminal: terminal)
            defer { try? output.close() }
            try await flight.until("shadowing") { (try? await flight.phase()) == "shadowing" }
            kill(client.processIdentifier, SIGKILL)
            let watched = try await shell.run("timeout --signal=INT 3 " + command(form, "watch"))
            #expect(watched.out.contains("\(owner) (epoch") && watched.out.contains("update "), "\(watched)")
            let journal = try Journal(path: flight.directories.journal)
            try await flight.until("the update has an end") { (try? journal.lastUpdate())??.outcome != nil }
            let last = try #require(try journal.lastUpdate())
            #expect(last.outcome == "updated", "\(last.reason ?? "")")
            let flier = try flight.owner()
            #expect(flier != owner)
            #expect(try flight.core.status().ticks_failsafe == 0)
            let next = try await shell.run(command(form, "status"))
            #expect(next.code == 0 && next.out.contains(flier), "\(next)")
        }
    }
}
