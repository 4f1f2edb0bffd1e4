import Agent
import Bench
import CContract
import CPlatform
import Contract
import Foundation
import Rehearsal
import Synchronization
import Testing

/// A flight container in another language rehearses without a line of extra work: the Python one was written from the
/// contract's page before there were rehearsals.
@Suite(.serialized) struct PythonRehearsalTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Tick of the newest sample.
    private let newest = Newest()

    /// The set-up's Python, which has pyzmq.
    private static let python: String? = {
        let path = root.appending(path: ".build-venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    @Test(.enabled(if: python != nil, "needs .build-venv; Board/bench setup makes it"), .timeLimit(.minutes(2)))
    func itPasses() async throws {
        let folder = TestFolder()
        let stage = try RehearsalStage(directory: folder.path)
        let queue = try HandoverQueue()
        defer { queue.shutdown() }
        try await queue.open(instance: "python", path: "\(folder.path)/\(DA_QUEUE_SOCKET)")
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.python))
        process.arguments = [Self.root.appending(path: "Tests/Contract/python_controller.py").path, folder.path]
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        let hover = RehearsalStart.hover(BenchBoard.make().vehicle, tickRate: 500)
        let welcome = Self.welcome(hover.vehicle)
        let overture = Overture(
            welcome: welcome, limit: 10,
            next: { [newest] tick in
                var sample = hover.sample
                sample.tick = max(tick + 1, 1000)
                // Now and then a cut of the owner's state, as of the sample before.
                if sample.tick % 10 == 0 { queue.send(.cut(Self.cut(tick, sample.pressure)), to: "python") }
                if sample.tick > 1500 { da_sleep_until(da_now() + 2_000_000) }
                sample.scheduled_ns = sample.tick * 2_000_000
                sample.applied_tick = sample.tick - 1
                sample.flags = SampleFlags([.imuFresh, .barometerFresh]).rawValue
                newest.tick.store(sample.tick, ordering: .relaxed)
                return sample
            },
            status: { [newest] () throws(Fault) in
                var status = da_status()
                status.tick = newest.tick.load(ordering: .relaxed)
                return status
            })
        let verdict = try await withCheckedThrowingContinuation {
            (done: CheckedContinuation<RehearsalVerdict, any Error>) in
            Thread {
                do throws(Fault) {
                    try stage.welcome(welcome)
                    done.resume(returning: try overture.fly(on: stage))
                } catch {
                    done.resume(throwing: error)
                }
            }.start()
        }
        #expect(verdict.fault == nil)
        #expect(verdict.figures.count == VehicleVariant.all.count)
        withExtendedLifetime(folder) {}
    }

    private static func welcome(_ vehicle: da_vehicle) -> da_welcome {
        var welcome = da_welcome.make()
        welcome.tick_rate = 500
        welcome.vehicle = vehicle
        return welcome
    }

    private static func cut(_ tick: UInt64, _ datum: Float) -> StateCut {
        // Roll, pitch, height, climb, bias, datum, hold, lift and two sums.
        var state = [Float](repeating: 0, count: 10)
        state[5] = datum
        let bytes = state.withUnsafeBytes { Array($0) }
        return StateCut(tick: tick, channels: [ChannelState(name: "python.state", schema: 1, bytes: bytes)])
    }
}

private final class Newest: Sendable {
    let tick = Atomic<UInt64>(0)
}
