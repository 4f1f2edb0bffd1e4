import Agent
import Dispatch
import Synchronization

/// Asks the engine for containers' labels and processes, for a thread that may wait.
final class ContainerLabels: Sendable {
    struct Found: Sendable {
        var labels: [String: String]
        var pid: Int32
    }

    /// s: the pilot waits with it, and one who is silent for longer is taken for lost.
    private static let patience = 0.3
    private let socket: String
    private let connections = Connections()

    init(engine socket: String) { self.socket = socket }

    /// Of an instance's container; nil: there is none, or the engine does not answer in time.
    func find(_ instance: String) -> Found? {
        final class Box: Sendable { let value = Mutex<Found?>(nil) }
        let (box, done) = (Box(), DispatchSemaphore(value: 0))
        Task.detached { [socket, connections] in
            if let engine = try? await Engine(socket: socket, connections),
                let held = try? await engine.container(ContainerPlan.name(of: instance)), held.state.isRunning
            {
                box.value.withLock { $0 = Found(labels: held.config.labels ?? [:], pid: held.state.pid) }
            }
            done.signal()
        }
        _ = done.wait(timeout: .now() + Self.patience)
        return box.value.withLock { $0 }
    }

    func end() {
        let done = DispatchSemaphore(value: 0)
        Task.detached { [connections] in
            await connections.shutdown()
            done.signal()
        }
        _ = done.wait(timeout: .now() + Self.patience)
    }
}
