package import CContract
internal import CPlatform
internal import Contract
internal import Foundation
internal import Synchronization

/// The tick socket of a container that flies a rehearsal: the agent is its core. Samples and answers in turn, in no
/// more time than the container takes.
///
/// Calls block and belong to one thread at a time, that of `onThread`.
package final class RehearsalStage: Sendable {
    /// How long a container may take from its start to its hello, ns.
    private static let connectTime: UInt64 = 10_000_000_000
    /// How long one answer may take, ns: what a stalled machine takes at most, and no controller.
    private static let answerTime: UInt64 = 500_000_000
    /// Longest time without looking whether to end, ns.
    private static let patience: UInt64 = 100_000_000
    /// Answers over which the time of an answer is judged: the median of so many is no stall of the machine.
    private static let judged = 64

    private let listener: Int32
    private let connection = Mutex<Int32>(-1)
    private let isOver = Atomic<Bool>(false)
    private let times = Mutex<[UInt64]>([])

    /// Binds the socket in the directory that the container has mounted.
    ///
    /// - Throws: `Fault` when it cannot be bound.
    package init(directory: String) throws(Fault) {
        let path = "\(directory)/\(DA_TICK_SOCKET)"
        listener = da_packet_listen(path, 2)
        guard listener >= 0 else {
            throw Fault("The rehearsal's socket \(path) cannot be made (\(String(cString: da_error_text(listener)))).")
        }
    }

    deinit {
        _ = da_close(listener)
        let open = connection.withLock { $0 }
        if open >= 0 { _ = da_close(open) }
    }

    /// Makes whatever waits give up.
    package func end() { isOver.store(true, ordering: .releasing) }

    private func checkEnd() throws(Fault) {
        if isOver.load(ordering: .acquiring) { throw Fault("The rehearsal was called off.") }
    }

    /// Waits until the container has said hello, and welcomes it.
    package func welcome(_ welcome: da_welcome) throws(Fault) {
        let deadline = da_now() &+ Self.connectTime
        while da_now() < deadline {
            try checkEnd()
            var descriptor = listener
            guard da_wait_readable(&descriptor, 1, da_now() &+ Self.patience) > 0 else { continue }
            let socket = da_packet_accept(listener)
            guard socket >= 0 else { continue }
            var hello = da_hello()
            let got = da_packet_await(socket, &hello, UInt32(MemoryLayout<da_hello>.size), da_now() &+ Self.answerTime)
            var welcome = welcome
            if got == MemoryLayout<da_hello>.size, hello.header.fault(kind: .hello, arrived: Int(got)) == nil,
                da_packet_send(socket, &welcome, UInt32(MemoryLayout<da_welcome>.size)) > 0
            {
                connection.withLock { $0 = socket }
                return
            }
            _ = da_close(socket)
        }
        throw Fault(
            "The new version's container did not connect to its tick socket within \(Self.connectTime / 1_000_000_000) s of its rehearsal; the old version flies on, look whether /flight in its image starts."
        )
    }

    /// Gives the container a sample and takes its answer, whatever is in it.
    ///
    /// - Parameters:
    ///   - sample: for the container.
    ///   - period: ns of a tick. An answer that usually takes longer is a fault.
    /// - Returns: its command.
    /// - Throws: `Fault` when there is none in time, or none of the contract.
    package func answer(_ sample: da_sample, period: UInt64) throws(Fault) -> da_command {
        try checkEnd()
        let socket = connection.withLock { $0 }
        var sample = sample
        var command = da_command()
        let size = UInt32(MemoryLayout<da_command>.size)
        let began = da_now()
        let sent = da_packet_send(socket, &sample, UInt32(MemoryLayout<da_sample>.size))
        let got = sent > 0 ? da_packet_await(socket, &command, size, began &+ Self.answerTime) : sent
        guard got != -110 else {
            throw Fault(
                "The new version's container gave no answer within \(Self.answerTime / 1_000_000) ms of its rehearsal; the old version flies on, mend its controller."
            )
        }
        guard got > 0 else {
            throw Fault(
                "The new version's container ended in its rehearsal; the old version flies on, start it by itself and look at its log."
            )
        }
        guard got == Int32(size), command.header.fault(kind: .command, arrived: Int(got)) == nil else {
            throw Fault(
                "The new version's container gave what is no command in its rehearsal; build it against this agent's header."
            )
        }
        try judge(da_now() &- began, period)
        return command
    }

    /// A container that answers within the tick's time on the whole is in time; one that does not would be late in
    /// flight, too.
    private func judge(_ time: UInt64, _ period: UInt64) throws(Fault) {
        let median = times.withLock { times -> UInt64? in
            times.append(time)
            guard times.count == Self.judged else { return nil }
            times.sort()
            defer { times.removeAll(keepingCapacity: true) }
            return times[Self.judged / 2]
        }
        guard let median, median > period else { return }
        throw Fault(
            "The new version failed its rehearsal: it answers a sample after \(milliseconds(median)) ms (median of \(Self.judged)), and a tick has \(milliseconds(period)) ms; the old version flies on."
        )
    }
}

private func milliseconds(_ time: UInt64) -> String { "\(Double(time / 100_000) / 10)" }

/// Runs what blocks on a thread of its own.
func onThread<Value: Sendable>(
    _ name: String, _ work: @escaping @Sendable () throws(Fault) -> Value
) async throws(Fault) -> Value {
    let result: Result<Value, Fault> = await withCheckedContinuation { done in
        let thread = Thread {
            do throws(Fault) { done.resume(returning: .success(try work())) } catch {
                done.resume(returning: .failure(error))
            }
        }
        thread.name = name
        thread.start()
    }
    return try result.get()
}
