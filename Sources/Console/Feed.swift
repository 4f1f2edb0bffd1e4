internal import Agent
package import NIOCore
internal import Synchronization

/// What all browsers see: the last ten minutes, the newest state, and who is to be told of what comes.
///
/// Everything in it is bounded; whoever reads too slowly is let go and may come again.
package final class Feed: Sendable {
    /// Ten minutes at ten a second.
    package static let momentsMax = 6000
    /// Lines of the log: more than a flight with two updates has.
    package static let entriesMax = 300
    /// Browsers at once.
    package static let clientsMax = 16
    /// Events that wait for one browser, some five seconds of them.
    package static let waitingMax = 64

    /// A line of the log.
    package struct Entry: Codable, Equatable, Sendable {
        package enum Kind: String, Codable, Sendable {
            case note
            /// Something does not answer or was refused.
            case fault
            /// The motors have a new owner: it is marked in the curves.
            case owner
        }

        /// ms since 1970.
        package var time: Int64
        package var kind: Kind
        /// One sentence.
        package var text: String
    }

    private struct Client {
        var events: AsyncStream<ByteBuffer>.Continuation
        var letGo: @Sendable () -> Void
    }

    private struct Content {
        var moments: [Moment] = []
        /// Where the oldest stands once the ring is full.
        var oldest = 0
        var entries: [Entry] = []
        var state = ConsoleState()
        var clients: [Int: Client] = [:]
        var lastClient = 0
    }

    private let content = Mutex(Content())

    package init() {}

    // MARK: What comes in

    package func add(_ moment: Moment) {
        content.withLock { content in
            if content.moments.count < Self.momentsMax {
                content.moments.append(moment)
            } else {
                content.moments[content.oldest] = moment
                content.oldest = (content.oldest + 1) % Self.momentsMax
            }
        }
        tell("moment", moment.json.utf8)
    }

    package func add(_ kind: Entry.Kind, _ text: String, at time: Int64) {
        let entry = Entry(time: time, kind: kind, text: text)
        content.withLock { content in
            if content.entries.count == Self.entriesMax { content.entries.removeFirst() }
            content.entries.append(entry)
        }
        tell("entry", jsonLine(entry))
    }

    package func change(_ change: (inout ConsoleState) -> Void) { content.withLock { change(&$0.state) } }

    /// Sends the state to all browsers.
    package func tellState() { tell("state", jsonLine(state)) }

    package var state: ConsoleState { content.withLock { $0.state } }

    // MARK: What goes out

    /// All that a browser that comes late must know, as one JSON object.
    package var history: [UInt8] {
        let content = content.withLock { $0 }
        var json = Array(#"{"curves":"#.utf8) + Curve.descriptions + Array(#","moments":["#.utf8)
        let ordered = content.moments[content.oldest...] + content.moments[..<content.oldest]
        json += Array(ordered.map(\.json).joined(separator: ",").utf8)
        json += Array(#"],"entries":"#.utf8) + jsonLine(content.entries)
        json += Array(#","state":"#.utf8) + jsonLine(content.state) + Array("}".utf8)
        return json
    }

    /// Events from now on, for one browser. `letGo` is called once it has fallen behind: who is stuck in a write reads
    /// no end of a stream.
    ///
    /// - Throws: `Refusal` when there are enough.
    package func join(letGo: @escaping @Sendable () -> Void) throws(Refusal) -> (
        id: Int, events: AsyncStream<ByteBuffer>
    ) {
        let (events, continuation) = AsyncStream.makeStream(
            of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(Self.waitingMax))
        let id = content.withLock { content -> Int? in
            guard content.clients.count < Self.clientsMax else { return nil }
            content.lastClient += 1
            content.clients[content.lastClient] = Client(events: continuation, letGo: letGo)
            return content.lastClient
        }
        guard let id else {
            throw Refusal(
                503, "The console shows the flight to \(Self.clientsMax) pages already; close one and reload.")
        }
        return (id, events)
    }

    package func leave(_ id: Int) {
        let client = content.withLock { $0.clients.removeValue(forKey: id) }
        client?.events.finish()
    }

    package var clientCount: Int { content.withLock { $0.clients.count } }

    private func tell(_ event: String, _ data: some Sequence<UInt8>) {
        let message = ByteBuffer(bytes: Array("event: \(event)\ndata: ".utf8) + Array(data) + Array("\n\n".utf8))
        let slow = content.withLock { content in
            var slow: [Client] = []
            for (id, client) in content.clients {
                if case .dropped = client.events.yield(message) {
                    content.clients[id] = nil
                    slow.append(client)
                }
            }
            return slow
        }
        for client in slow {
            client.events.finish()
            client.letGo()
        }
    }
}
