import Bench
import Foundation
import Testing

@Suite("A process of the bench")
struct BenchChildTests {
    @Test("It hears SIGTERM though the thread that began it does not") func hearsItsEnd() throws {
        var (end, before) = (sigset_t(), sigset_t())
        sigemptyset(&end)
        sigaddset(&end, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &end, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let log = FileManager.default.temporaryDirectory.path + "/droneagent-child-\(UUID()).log"
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try Child("sleep", "/bin/sleep", ["60"], log: log)
        child.stop()
        // By SIGTERM, as a shell gives it; by SIGKILL it would be 137.
        #expect(child.exitCode == 128 + SIGTERM)
        // What the thread blocks is its own affair again.
        var now = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &now)
        #expect(sigismember(&now, SIGTERM) == 1)
    }
}
