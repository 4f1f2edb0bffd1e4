internal import CPlatform
internal import Glibc

/// A thread of its own with a real-time priority where that is allowed. To be joined.
struct ServerThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let thread: pthread_t
    /// SCHED_FIFO was granted.
    let isRealTime: Bool

    /// - Parameters:
    ///   - name: at most 15 bytes, for `ps`.
    ///   - priority: SCHED_FIFO 1 to 99; 0: normal.
    ///   - cpu: -1: any.
    ///   - run: what it does; the thread ends with it.
    /// - Throws: `BridgeFault.system` if there is no thread to be had.
    init(
        _ name: StaticString, priority: Int32, cpu: Int32 = -1, _ run: @escaping @Sendable () -> Void
    ) throws(BridgeFault) {
        let body = Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        var realtime: Int32 = 0
        let failed = name.withUTF8Buffer { text in
            text.withMemoryRebound(to: CChar.self) { text -> Int32 in
                guard let base = text.baseAddress else { return -EINVAL }
                let options = da_thread_options(name: base, priority: priority, cpu: cpu, stack_bytes: 0)
                return da_thread_start(
                    &thread, options, &realtime,
                    { context in
                        guard let context else { return }
                        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                    }, body.toOpaque())
            }
        }
        guard failed == 0 else {
            body.release()
            throw .system("start the thread '\(name)'", code: -failed)
        }
        self.thread = thread
        isRealTime = realtime != 0
    }

    func join() { _ = da_thread_join(thread) }
}
