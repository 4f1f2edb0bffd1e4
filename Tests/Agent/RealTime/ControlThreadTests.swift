import Agent
import CPlatform
import Foundation
import Synchronization
import Testing

/// The control thread of a process, found and raised from outside.
@Suite struct ControlThreadTests {
    /// A thread of this process with this name, until `stop`.
    final class Sleeper: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        let id: Int32

        init(name: String) {
            let shared = Shared()
            let gate = gate
            let thread = Thread {
                shared.id.store(da_thread_id(), ordering: .releasing)
                shared.started.signal()
                gate.wait()
            }
            thread.name = name
            thread.start()
            shared.started.wait()
            id = shared.id.load(ordering: .acquiring)
        }

        func stop() { gate.signal() }
    }

    private final class Shared: Sendable {
        let id = Atomic<Int32>(0)
        let started = DispatchSemaphore(value: 0)
    }

    @Test func itIsFoundByItsName() {
        let sleeper = Sleeper(name: ControlThread.name)
        defer { sleeper.stop() }
        #expect(ControlThread().find(pid: getpid()) == sleeper.id)
    }

    @Test func aProcessWithoutItStaysAsItIs() throws {
        // Process 1 is no flight container.
        let why = try #require(ControlThread().set(pid: 1, .candidate))
        #expect(why.contains("flight-control") && why.contains("normal priority"))
        #expect(ControlThread().find(pid: 0) == nil)
    }
}
