import Agent
import Bench
import CContract
import CPlatform
import Contract
import Foundation
import Rehearsal
import Testing

/// A flight container in another language rehearses without a line of extra work: the Python one was written from the
/// contract's page before there were rehearsals.
@Suite(.serialized) struct PythonRehearsalTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

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
        let overture = Self.overture
        let verdict = try await withCheckedThrowingContinuation {
            (done: CheckedContinuation<RehearsalVerdict, any Error>) in
            Thread {
                do throws(Fault) {
                    var welcome = da_welcome.make()
                    welcome.tick_rate = 500
                    welcome.vehicle = overture.start.vehicle
                    try stage.welcome(welcome)
                    done.resume(returning: try overture.fly(on: stage) { queue.send(.cut($0), to: "python") })
                } catch {
                    done.resume(throwing: error)
                }
            }.start()
        }
        #expect(verdict.fault == nil)
        #expect(verdict.figures.count == VehicleVariant.all.count)
        withExtendedLifetime(folder) {}
    }

    /// A second of level flight, with the state of a Python container in it: datum and height as they are, else zeros.
    private static var overture: Overture {
        let start = RehearsalStart.hover(BenchBoard.make().vehicle, tickRate: 500)
        let samples = (start.sample.tick - 500...start.sample.tick).map { tick in
            var sample = start.sample
            sample.tick = tick
            sample.scheduled_ns = tick * 2_000_000
            sample.applied_tick = tick - 1
            sample.flags = SampleFlags([.imuFresh, .barometerFresh]).rawValue
            return sample
        }
        // Roll, pitch, height, climb, bias, datum, hold, lift and two sums.
        var state = [Float](repeating: 0, count: 10)
        state[5] = start.sample.pressure
        let bytes = state.withUnsafeBytes { Array($0) }
        let cut = StateCut(
            tick: start.sample.tick - 60, channels: [ChannelState(name: "python.state", schema: 1, bytes: bytes)])
        return Overture(samples: samples, cut: cut, start: start)
    }
}
