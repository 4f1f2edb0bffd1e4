import Agent
import CQueue
import Contract
import Foundation
import Testing

/// The agent's end of the queue against real libzmq sockets.
@Suite struct HandoverQueueTests {
    let folder = TestFolder()
    var path: String { folder.path + "/queue.ipc" }

    /// A container's end: connects, sends and receives with limits.
    final class Peer {
        private let context: UnsafeMutableRawPointer
        private let socket: UnsafeMutableRawPointer
        private var sequence: UInt64 = 0

        init(_ path: String) throws {
            context = try #require(zmq_ctx_new())
            socket = try #require(zmq_socket(context, ZMQ_DEALER))
            for (option, value) in [(ZMQ_LINGER, Int32(0)), (ZMQ_RCVTIMEO, 5000), (ZMQ_SNDTIMEO, 5000)] {
                var value = value
                zmq_setsockopt(socket, option, &value, 4)
            }
            try #require(zmq_connect(socket, "ipc://\(path)") == 0)
        }

        deinit {
            zmq_close(socket)
            zmq_ctx_term(context)
        }

        func send(_ message: QueueMessage) {
            sequence += 1
            send(raw: message.encoded(sequence: sequence))
        }

        func send(raw bytes: [UInt8], more: Bool = false) {
            #expect(bytes.withUnsafeBytes { zmq_send(socket, $0.baseAddress, $0.count, more ? ZMQ_SNDMORE : 0) } >= 0)
        }

        func receive() throws -> (message: QueueMessage, sequence: UInt64) {
            var buffer = [UInt8](repeating: 0, count: 70_000)
            let count = zmq_recv(socket, &buffer, buffer.count, 0)
            try #require(count >= 0, "nothing came within 5 s")
            return try QueueMessage.decode(Array(buffer.prefix(Int(count))))
        }
    }

    @Test func messagesGoBothWaysInOrder() async throws {
        let queue = try HandoverQueue()
        defer { queue.shutdown() }
        try await queue.open(instance: "flight-1", path: path)
        let peer = try Peer(path)
        peer.send(.introduce(name: "cascade", version: "1"))
        let cut = StateCut(tick: 7, channels: [ChannelState(name: "attitude", schema: 1, bytes: [1, 2, 3])])
        peer.send(.cut(cut))
        var events = queue.events.makeAsyncIterator()
        #expect(
            await events.next()
                == .message(.introduce(name: "cascade", version: "1"), sequence: 1, instance: "flight-1"))
        #expect(await events.next() == .message(.cut(cut), sequence: 2, instance: "flight-1"))
        queue.send(.stream(interval: 10, window: 10), to: "flight-1")
        queue.send(.acknowledge(tick: 7), to: "flight-1")
        #expect(try peer.receive() == (.stream(interval: 10, window: 10), 1))
        #expect(try peer.receive() == (.acknowledge(tick: 7), 2))
    }

    /// 64 MB of shares that nobody takes out: what finds no room in the mailbox is dropped, and the agent does not grow.
    @Test func aFloodOfSharesIsBounded() async throws {
        let queue = try HandoverQueue()
        defer { queue.shutdown() }
        try await queue.open(instance: "flood", path: path)
        let peer = try Peer(path)
        let run = BlockPiece.Run(channel: "map", first: 0, bytes: [UInt8](repeating: 7, count: 32 * 1024))
        for number in 1...2048 as ClosedRange<UInt64> { peer.send(.blocks(BlockPiece(number: number, runs: [run]))) }
        peer.send(.retire)
        // Opening is done behind what has been read before; the rest is read within a second.
        for _ in 0..<200 where queue.dropped < 2049 - UInt64(HandoverQueue.mailboxMax) {
            try await queue.open(instance: "other", path: folder.path + "/other.ipc")
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(queue.dropped == 2049 - UInt64(HandoverQueue.mailboxMax))
        var events = queue.events.makeAsyncIterator()
        guard case .message(.blocks(let first), 1, "flood") = await events.next() else {
            Issue.record("the first share is not the oldest")
            return
        }
        #expect(first.number == 1 && first.runs == [run])
    }

    @Test func whatIsNoMessageIsCounted() async throws {
        let queue = try HandoverQueue()
        defer { queue.shutdown() }
        try await queue.open(instance: "bad", path: path)
        let peer = try Peer(path)
        var damaged = QueueMessage.cut(StateCut(tick: 1, channels: [ChannelState(name: "a", schema: 1, bytes: [9])]))
            .encoded(sequence: 1)
        damaged[damaged.count - 1] ^= 1
        peer.send(raw: [])
        peer.send(raw: [1, 2, 3])
        peer.send(raw: damaged)
        peer.send(raw: QueueMessage.retire.encoded(sequence: 1), more: true)
        peer.send(raw: [0])
        peer.send(.acknowledge(tick: 3))
        var events = queue.events.makeAsyncIterator()
        for expected in 1...4 as ClosedRange<UInt64> {
            guard case .malformed(let why, "bad", let count) = await events.next() else {
                Issue.record("message \(expected) was taken for one of the contract")
                return
            }
            #expect(count == expected)
            #expect(why.hasSuffix("."))
        }
        // The good one behind them still arrives.
        #expect(await events.next() == .message(.acknowledge(tick: 3), sequence: 1, instance: "bad"))
    }

    @Test func withoutAPeerMessagesAreDroppedAndCounted() async throws {
        let queue = try HandoverQueue()
        try await queue.open(instance: "nobody", path: path)
        for _ in 0..<50 { queue.send(.retire, to: "nobody") }
        for _ in 0..<50 { queue.send(.retire, to: "unknown") }
        // Orders are taken in turn: when this one is done, those before are.
        try await queue.open(instance: "other", path: folder.path + "/other.ipc")
        #expect(queue.dropped == 100)
        queue.shutdown()
        for await _ in queue.events {}
    }

    @Test func aNewAgentFindsTheSamePeer() async throws {
        let peerFirst = try HandoverQueue()
        try await peerFirst.open(instance: "flight-1", path: path)
        let peer = try Peer(path)
        peer.send(.acknowledge(tick: 1))
        var events = peerFirst.events.makeAsyncIterator()
        #expect(await events.next() == .message(.acknowledge(tick: 1), sequence: 1, instance: "flight-1"))
        peerFirst.shutdown()
        while await events.next() != nil {}
        let second = try HandoverQueue()
        defer { second.shutdown() }
        try await second.open(instance: "flight-1", path: path)
        peer.send(.acknowledge(tick: 2))
        var again = second.events.makeAsyncIterator()
        #expect(await again.next() == .message(.acknowledge(tick: 2), sequence: 2, instance: "flight-1"))
    }

    @Test func pathsThatCannotBeBoundAreOneSentence() async throws {
        let queue = try HandoverQueue()
        let fault = await #expect(throws: Fault.self) {
            try await queue.open(instance: "x", path: "/nonexistent/folder/queue.ipc")
        }
        #expect(fault?.sentence.contains("/nonexistent/folder/queue.ipc") == true)
        queue.shutdown()
        await #expect(throws: Fault.self) { try await queue.open(instance: "x", path: "/nonexistent/q") }
    }
}
