import Agent
import Synchronization

/// How many flight containers, running or not, the engine has: asked beside a loop that must not wait.
final class ContainerCount: Sendable {
    private let answer = Mutex<(isOver: Bool, count: Int?)>((false, nil))

    init(_ engine: String) {
        Task {
            let connections = Connections()
            let count = try? await Engine(socket: engine, connections).flightContainers().count
            await connections.shutdown()
            answer.withLock { $0 = (true, count) }
        }
    }

    var isOver: Bool { answer.withLock { $0.isOver } }
    /// nil: not known yet, or the engine did not answer.
    var count: Int? { answer.withLock { $0.count } }
}
