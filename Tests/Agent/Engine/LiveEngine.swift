import Agent
import Foundation
import Testing

/// The engine and the registry that the bench script started; suites that need them say so when there are none.
struct LiveEngine: Sendable {
    let socket: String
    let registry: String

    static let missing: Comment =
        "needs DRONEAGENT_TEST_ENGINE and DRONEAGENT_TEST_REGISTRY; Board/bench test sets them"

    /// nil: there are none.
    static let shared: LiveEngine? = {
        let environment = ProcessInfo.processInfo.environment
        guard let socket = environment["DRONEAGENT_TEST_ENGINE"], let registry = environment["DRONEAGENT_TEST_REGISTRY"]
        else { return nil }
        return LiveEngine(socket: socket, registry: registry)
    }()
}
