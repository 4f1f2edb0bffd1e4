import Agent
import CPlatform
import Synchronization

/// What a flight that landed has left in the engine: its agent may be ended before it has removed a container that died.
/// The next flight's agent has a journal of its own and knows nothing of it.
final class LeftContainers: Sendable {
    /// ns that the engine is given.
    private static let limit: UInt64 = 30_000_000_000
    private static let look: UInt64 = 20_000_000

    private let answer = Mutex<(isOver: Bool, fault: String?)>((false, nil))

    private init() {}

    /// - Throws: `BenchFault` when the engine does not remove them in time.
    static func remove(from engine: String) throws(BenchFault) {
        let left = LeftContainers()
        Task { await left.remove(engine) }
        let until = da_now() + limit
        while !left.answer.withLock({ $0.isOver }), da_now() < until { da_sleep_until(da_now() + look) }
        let (isOver, fault) = left.answer.withLock { $0 }
        guard isOver, fault == nil else {
            let why = fault ?? "The engine does not answer."
            throw BenchFault("Containers that an earlier flight has left are not removed. \(why)")
        }
    }

    private func remove(_ engine: String) async {
        let connections = Connections()
        var sentence: String?
        do {
            let engine = try await Engine(socket: engine, connections)
            for container in try await engine.flightContainers() { try await engine.remove(container.id) }
        } catch { sentence = "\(error)" }
        await connections.shutdown()
        answer.withLock { $0 = (true, sentence) }
    }
}
