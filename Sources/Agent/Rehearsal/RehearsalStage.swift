package import CContract
internal import CPlatform
internal import Contract
internal import Synchronization

/// The tick socket of a container that flies a rehearsal, or a past flight in shadow: the agent is its core. Samples and
/// answers in turn, in no more time than the container takes.
///
/// Calls block and belong to one thread at a time, that of `onThread`.
package final class RehearsalStage: Sendable {
    /// What the container is on the stage for.
    package enum Piece: String, Sendable {
        case rehearsal
        case replay

        /// What follows from a failure.
        fileprivate var consequence: String { self == .rehearsal ? "; the old version flies on" : "" }
    }

    /// How long a container may take from its start to its hello, ns.
    private static let connectTime: UInt64 = 10_000_000_000
    /// How long one answer may take, ns: what a stalled machine takes at most, and no controller.
    private static let answerTime: UInt64 = 500_000_000
    /// The same in a replay, where one that does not come is counted.
    private static let exchangeTime: UInt64 = 100_000_000
    /// Answers to earlier samples that are passed over at one sample.
    private static let stragglers = 4
    /// Longest time without looking whether to end, ns.
    private static let patience: UInt64 = 100_000_000
    /// Answers over which the time of an answer is judged: the median of so many is no stall of the machine.
    private static let judged = 64

    private let piece: Piece
    private let who: String
    private let listener: Int32
    private let connection = Mutex<Int32>(-1)
    private let isOver = Atomic<Bool>(false)
    private let times = Mutex<[UInt64]>([])

    /// Binds the socket in the directory that the container has mounted; `who` is what a person calls the container.
    ///
    /// - Throws: `Fault` when it cannot be bound.
    package init(
        directory: String, for piece: Piece = .rehearsal, who: String = "The new version"
    ) throws(Fault) {
        (self.piece, self.who) = (piece, who)
        let path = "\(directory)/\(DA_TICK_SOCKET)"
        listener = da_packet_listen(path, 2)
        guard listener >= 0 else {
            throw Fault("The \(piece)'s socket \(path) cannot be made (\(String(cString: da_error_text(listener)))).")
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
        if isOver.load(ordering: .acquiring) { throw Fault("The \(piece) was called off.") }
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
            "\(who)'s container did not connect to its tick socket within \(Self.connectTime / 1_000_000_000) s of its \(piece)\(piece.consequence), look whether /flight in its image starts."
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
        let began = da_now()
        guard try send(sample), let command = try receive(until: began &+ Self.answerTime) else {
            throw Fault(
                "\(who)'s container gave no answer within \(Self.answerTime / 1_000_000) ms of its \(piece)\(piece.consequence), mend its controller."
            )
        }
        try judge(da_now() &- began, period)
        return command
    }

    /// The same, as the core takes answers: one that does not come in time is none, and what comes behind it is passed over.
    ///
    /// - Returns: nil when there is no answer to this very sample in time.
    /// - Throws: `Fault` when the container ended, or gave what is no command of the contract.
    package func exchange(_ sample: da_sample, period: UInt64) throws(Fault) -> da_command? {
        try checkEnd()
        let began = da_now()
        guard try send(sample) else { return nil }
        for _ in 0...Self.stragglers {
            guard let command = try receive(until: began &+ Self.exchangeTime) else { return nil }
            guard command.tick >= sample.tick else { continue }
            try judge(da_now() &- began, period)
            return command
        }
        return nil
    }

    /// Whether the socket had room for it.
    private func send(_ sample: da_sample) throws(Fault) -> Bool {
        var sample = sample
        let sent = da_packet_send(
            connection.withLock { $0 }, &sample, UInt32(MemoryLayout<da_sample>.size))
        // -EAGAIN: it does not read.
        guard sent > 0 || sent == -11 else { throw ended }
        return sent > 0
    }

    /// nil: none came by `deadline`, ns.
    private func receive(until deadline: UInt64) throws(Fault) -> da_command? {
        var command = da_command()
        let size = UInt32(MemoryLayout<da_command>.size)
        let got = da_packet_await(connection.withLock { $0 }, &command, size, deadline)
        // -ETIMEDOUT.
        if got == -110 { return nil }
        guard got > 0 else { throw ended }
        guard got == Int32(size), command.header.fault(kind: .command, arrived: Int(got)) == nil else {
            throw Fault(
                "\(who)'s container gave what is no command in its \(piece); build it against this agent's header.")
        }
        return command
    }

    private var ended: Fault {
        Fault(
            "\(who)'s container ended in its \(piece)\(piece.consequence), start it by itself and look at its log.")
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
            "\(who) failed its \(piece): it answers a sample after \(milliseconds(median)) ms (median of \(Self.judged)), and a tick has \(milliseconds(period)) ms\(piece.consequence)."
        )
    }
}

private func milliseconds(_ time: UInt64) -> String { "\(Double(time / 100_000) / 10)" }
