import CPlatform

/// A joinable thread with a name, a priority and a small stack.
package struct Thread: ~Copyable {
    private let handle: UInt

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// `realTime` tells whether SCHED_FIFO was allowed.
    ///
    /// - Throws: `CoreFault` when the thread cannot be made.
    package init(
        name: String, priority: Int32, cpu: Int32, realTime: inout Int32, _ run: @escaping @Sendable () -> Void
    ) throws(CoreFault) {
        let body = Unmanaged.passRetained(Body(run))
        var thread: UInt = 0
        let result = name.withCString { cName in
            da_thread_start(
                &thread, da_thread_options(name: cName, priority: priority, cpu: cpu, stack_bytes: 0), &realTime,
                { context in
                    guard let context else { return }
                    Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                }, body.toOpaque())
        }
        guard result == 0 else {
            body.release()
            throw CoreFault("The thread \(name) cannot be started: \(reason(result)).")
        }
        handle = thread
    }

    package init(name: String, _ run: @escaping @Sendable () -> Void) throws(CoreFault) {
        var unused: Int32 = 0
        try self.init(name: name, priority: 0, cpu: -1, realTime: &unused, run)
    }

    package func join() { _ = da_thread_join(handle) }
}
