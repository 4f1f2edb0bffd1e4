internal import Dispatch

/// Runs an actor on a queue of its own, so that its waits (disk, the core's socket) hold up nobody else: with
/// two CPUs two blocked threads of Swift's own pool are a hang.
package final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    package init(label: String) { queue = DispatchQueue(label: label) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
