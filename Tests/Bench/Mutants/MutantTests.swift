import Foundation
import MutantKit
import Testing

/// The verdict can fail: the programs in Tests/Mutants each fly with one fault, and it counts that fault.
@Suite struct MutantTests {
    /// s: a mutant flies once or twice, in less than a second each.
    private static let limit = 120.0

    @Test func wholeBuildHolds() async throws {
        let (verdict, code) = try await run("MutantWhole")
        #expect(verdict.counts.values.allSatisfy { $0 == 0 })
        #expect(verdict.holds)
        #expect(code == 0)
        #expect(verdict.ticks > 10_000)
    }

    /// From its first answer to the end of the old one the candidate drives too.
    @Test func withoutFenceTwoDrive() async throws {
        let verdict = try await failing("MutantNoFence")
        #expect(try #require(verdict.counts["two_owner"]) > 1000)
    }

    /// The first of the four ticks carries what the sample before asked for, which is called late; from the second on
    /// the values are held.
    @Test func heldInPlaceOfFresh() async throws {
        let verdict = try await failing("MutantHoldLast")
        #expect(verdict.counts.filter { $0.value != 0 } == ["late": 1, "held": 3])
    }

    @Test func oldOwnerStoppedATickEarly() async throws {
        let verdict = try await failing("MutantStoppedEarly")
        #expect(verdict.counts.filter { $0.value != 0 } == ["missed": 1])
    }

    @Test func staleCommandLetThrough() async throws {
        let verdict = try await failing("MutantStaleLetThrough")
        #expect(try #require(verdict.counts["stale_applied"]) > 1000)
    }

    private func failing(_ mutant: String) async throws -> Mutant.Verdict {
        let (verdict, code) = try await run(mutant)
        #expect(!verdict.holds)
        #expect(code == 1)
        #expect(verdict.ticks > 10_000)
        return verdict
    }

    /// Runs a program that was built beside the test bundle.
    private func run(_ program: String) async throws -> (Mutant.Verdict, Int32) {
        let process = Process()
        process.executableURL = Bundle.main.bundleURL.appending(path: program)
        let output = Pipe()
        process.standardOutput = output
        let guardian = DispatchWorkItem { process.terminate() }
        let code = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
                DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit, execute: guardian)
            } catch { continuation.resume(throwing: error) }
        }
        guardian.cancel()
        // Some hundred bytes: the pipe holds them.
        let line = try #require(
            try output.fileHandleForReading.readToEnd(), "\(program) ended with \(code) and no verdict")
        return (try JSONDecoder().decode(Mutant.Verdict.self, from: line), code)
    }
}
