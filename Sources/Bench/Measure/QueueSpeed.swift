import Agent
import CPlatform
import Contract
import Dispatch
import Glibc
import Handover

/// What the handover queue carries from the owner through the agent's end to the candidate, against bare libzmq on the
/// same way with messages of the same size.
struct QueueSpeed {
    private static let limit = 0.9
    /// What goes over: a whole piece of a channel in blocks, and v1's cut.
    private static let loads: [(name: String, message: QueueMessage, window: Int)] = [
        (
            "a piece of 32 KiB",
            .blocks(
                BlockPiece(
                    number: 1,
                    runs: [
                        BlockPiece.Run(
                            channel: "map", first: 0,
                            bytes: [UInt8](repeating: 1, count: BlockPiece.blocksMax * BlockPiece.blockBytes))
                    ])), Int(BlockPiece.window)
        ),
        (
            "v1's cut",
            .cut(
                StateCut(
                    tick: 1,
                    channels: [ChannelState(name: "state", schema: 1, bytes: [UInt8](repeating: 1, count: 92))])),
            Int(HandoverPolicy().cutWindow)
        ),
    ]
    /// Bytes and messages that go over in one window.
    private static let windowBytes = 600_000_000
    private static let messagesMax = 200_000

    private let options: MeasureOptions

    init(_ options: MeasureOptions) { self.options = options }

    func figures() throws(BenchFault) -> [Figure] {
        var figures: [Figure] = []
        for load in Self.loads { figures.append(try figure(load.name, load.message, window: load.window)) }
        return figures
    }

    private func figure(_ name: String, _ message: QueueMessage, window: Int) throws(BenchFault) -> Figure {
        let frame = message.encoded(sequence: 1).count
        let messages = min(Self.messagesMax, Self.windowBytes / frame) / (options.quick ? 10 : 1)
        var pairs: [(ours: Double, other: Double)] = []
        for _ in 0..<(options.quick ? 2 : 6) {
            pairs.append((try ours(message, messages, window), try reference(frame, messages)))
        }
        var figure = Figure(
            "handover queue, bytes a second, against libzmq: \(name)", PairedRatio(pairs), limit: Self.limit,
            atMost: false)
        let (mine, bare) = (Distribution(pairs.map(\.ours)).p50, Distribution(pairs.map(\.other)).p50)
        figure.measured += ", \(decimal(mine / 1e6, 0)) / \(decimal(bare / 1e6, 0)) MB/s"
        figure.values["ours_bytes_per_s"] = mine
        figure.values["reference_bytes_per_s"] = bare
        figure.values["message_bytes"] = Double(frame)
        figure.remarks = [
            "Messages of \(frame) bytes from a container's end through the agent's to another's, at most \(window) that the other has not said it has, encoded, summed and decoded on each hop; libzmq passes bytes on and sends ahead."
        ]
        return figure
    }

    // MARK: Arms

    private func reference(_ frame: Int, _ messages: Int) throws(BenchFault) -> Double {
        let stage = try Stage(options)
        let child = try stage.start("reference-queue", "ReferenceQueue", [stage.run, "\(frame)", "\(messages)"])
        try stage.wait("bare libzmq") { !child.isRunning }
        guard let rate = Double(child.output.trimmed) else {
            throw BenchFault("The reference queue gave no figure: \(child.output)")
        }
        return rate
    }

    /// Bytes a second of whole frames at the candidate's end.
    private func ours(_ message: QueueMessage, _ messages: Int, _ window: Int) throws(BenchFault) -> Double {
        let stage = try Stage(options)
        let queue: HandoverQueue
        do { queue = try HandoverQueue() } catch { throw BenchFault(error.sentence) }
        defer { queue.shutdown() }
        let (owner, candidate) = (stage.run + "/owner.ipc", stage.run + "/candidate.ipc")
        // Of the queue, and of each end that it has heard: what is sent to an end before that is dropped.
        let met = DispatchSemaphore(value: 0)
        let begins = DispatchSemaphore(value: 0)
        // As the agent does: what the one says goes to the other.
        let forwarding = Task.detached {
            try await queue.open(instance: "owner", path: owner)
            try await queue.open(instance: "candidate", path: candidate)
            met.signal()
            for await event in queue.events {
                guard case .message(let message, _, let from) = event else { continue }
                if message == Self.greeting {
                    met.signal()
                    continue
                }
                queue.send(message, to: from == "owner" ? "candidate" : "owner")
            }
        }
        defer { forwarding.cancel() }
        func meet(_ whom: String) throws(BenchFault) {
            guard met.wait(timeout: .now() + 10) == .success else {
                throw BenchFault("The queue did not meet \(whom).")
            }
        }
        try meet("its thread")
        let receiver = try QueuePeer(candidate)
        try benchThread("queue-sender") { Self.sendAll(message, messages, window, owner, begins) }
        guard receiver.send(Self.greeting) else { throw BenchFault("The queue takes nothing from its candidate.") }
        try meet("one end")
        try meet("the other end")
        begins.signal()
        var begin: UInt64 = 0
        var bytes = 0
        for number in 0..<messages {
            guard let got = receiver.receive(), receiver.send(.acknowledge(tick: UInt64(number + 1))) else {
                throw BenchFault(
                    "Only \(number) of \(messages) messages came through the queue, \(queue.dropped) were dropped.")
            }
            if number == 0 { begin = da_now() } else { bytes += got.bytes }
        }
        return Double(bytes) / (Double(da_now() - begin) / 1e9)
    }

    private static let greeting = QueueMessage.acknowledge(tick: 0)

    /// The owner's end: never more on their way than the other side's word allows.
    private static func sendAll(
        _ message: QueueMessage, _ messages: Int, _ window: Int, _ path: String, _ begins: DispatchSemaphore
    ) {
        guard let peer = try? QueuePeer(path), peer.send(greeting), begins.wait(timeout: .now() + 20) == .success else {
            return
        }
        for number in 0..<messages {
            if number >= window, peer.receive() == nil { return }
            guard peer.send(message) else { return }
        }
        // The last ones are on their way until the other has them.
        for _ in 0..<min(window, messages) where peer.receive() == nil { return }
    }
}
