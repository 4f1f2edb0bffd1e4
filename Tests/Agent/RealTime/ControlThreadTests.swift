import Agent
import CPlatform
import Foundation
import Glibc
import Synchronization
import Testing

/// The control thread of a process, found and raised from outside.
@Suite struct ControlThreadTests {
    /// A thread of this process with the control thread's name, until `stop`.
    final class Sleeper: Sendable {
        let id = Atomic<Int32>(0)
        private let started = DispatchSemaphore(value: 0)
        private let gate = DispatchSemaphore(value: 0)
        private let thread = Atomic<UInt>(0)

        init() throws {
            var thread = pthread_t()
            let result = ControlThread.name.withCString { name in
                da_thread_start(
                    &thread, da_thread_options(name: name, priority: 0, cpu: -1, stack_bytes: 0), nil,
                    { context in
                        guard let context else { return }
                        let sleeper = Unmanaged<Sleeper>.fromOpaque(context).takeUnretainedValue()
                        sleeper.id.store(da_thread_id(), ordering: .releasing)
                        sleeper.started.signal()
                        sleeper.gate.wait()
                    }, Unmanaged.passUnretained(self).toOpaque())
            }
            try #require(result == 0)
            self.thread.store(UInt(thread), ordering: .relaxed)
            started.wait()
        }

        /// Ends it, and waits for its end.
        func stop() {
            gate.signal()
            _ = da_thread_join(pthread_t(thread.load(ordering: .relaxed)))
        }
    }

    @Test func itIsFoundByItsName() throws {
        let sleeper = try Sleeper()
        defer { sleeper.stop() }
        #expect(ControlThread().find(pid: getpid()) == sleeper.id.load(ordering: .acquiring))
    }

    @Test func aProcessWithoutItStaysAsItIs() throws {
        // Process 1 is no flight container.
        let why = try #require(ControlThread().set(pid: 1, .candidate))
        #expect(why.contains("flight-control") && why.contains("normal priority"))
        #expect(ControlThread().find(pid: 0) == nil)
    }
}
