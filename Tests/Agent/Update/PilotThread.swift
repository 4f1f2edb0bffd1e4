import Bench
import Simulator
import Synchronization

import class Foundation.Thread

/// The bench's pilot beside a live test: takes off and manoeuvres until it is stopped.
final class PilotThread: Sendable {
    private let isOver = Atomic<Bool>(false)
    private let why = Mutex<String?>(nil)

    /// s of manoeuvres: longer than any update of a test.
    private static let seconds = 600.0

    init(_ socket: String) throws {
        let pilot = try LivePilot(socket, ScriptedPilot(manoeuvreSeconds: Self.seconds))
        Thread { [self] in
            do throws(BenchFault) {
                try pilot.fly { _, _ in !isOver.load(ordering: .relaxed) }
            } catch { why.withLock { $0 = "\(error)" } }
        }.start()
    }

    /// It sends no more; the core lands by itself.
    func stop() { isOver.store(true, ordering: .relaxed) }

    var fault: String? { why.withLock { $0 } }
}
