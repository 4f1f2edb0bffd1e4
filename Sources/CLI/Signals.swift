internal import Agent
internal import Dispatch
internal import Glibc

/// Runs the work until it ends or SIGTERM or SIGINT cancels it.
func untilTold(_ work: @escaping @Sendable () async throws(Fault) -> Void) async throws(Fault) {
    let task = Task { () -> Result<Void, Fault> in
        do throws(Fault) {
            try await work()
            return .success(())
        } catch {
            return .failure(error)
        }
    }
    let sources = [SIGTERM, SIGINT].map { number in
        // The default action ends the process before the source hears of it.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { task.cancel() }
        source.resume()
        return source
    }
    let result = await task.value
    for source in sources { source.cancel() }
    try result.get()
}
