internal import CPlatform
internal import Glibc

/// Runs `work` on a thread of its own, for what blocks: with two CPUs two blocked threads of Swift's own pool are a hang.
///
/// The thread ends with `work`; nobody waits for it.
///
/// - Parameters:
///   - name: at most 15 bytes are kept, for `ps`.
///   - work: what it does.
/// - Throws: `Fault` when the machine has no thread left.
package func startThread(_ name: String, _ work: @escaping @Sendable () -> Void) throws(Fault) {
    final class Body: Sendable {
        let name: String
        let work: @Sendable () -> Void

        init(_ name: String, _ work: @escaping @Sendable () -> Void) { (self.name, self.work) = (name, work) }
    }
    let body = Unmanaged.passRetained(Body(name, work))
    var thread = pthread_t()
    let error = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
            da_thread_name(body.name)
            body.work()
            return nil
        }, body.toOpaque())
    guard error == 0 else {
        body.release()
        throw Fault("There is no thread for '\(name)' (\(String(cString: strerror(error)))); end other programs.")
    }
    pthread_detach(thread)
}

/// Runs what blocks on a thread of its own, and gives what comes of it.
package func onThread<Value: Sendable>(
    _ name: String, _ work: @escaping @Sendable () throws(Fault) -> Value
) async throws(Fault) -> Value {
    let result: Result<Value, Fault> = await withCheckedContinuation { done in
        do throws(Fault) {
            try startThread(name) {
                do throws(Fault) { done.resume(returning: .success(try work())) } catch {
                    done.resume(returning: .failure(error))
                }
            }
        } catch {
            done.resume(returning: .failure(error))
        }
    }
    return try result.get()
}
