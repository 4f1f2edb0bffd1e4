/// A way to replace a flight container while it flies: ours, and what else one can do with the same engine.
package enum Peer: String, CaseIterable, Codable, Sendable {
    /// Nothing is replaced: what the others are held against.
    case none
    case stopThenStart = "stop-then-start"
    case restart
    case overlap
    case checkpoint
    case update

    /// Which flight core it flies with.
    package enum Core: String, Codable, Sendable {
        /// The shipped one, with its fence and its failsafe.
        case ours
        /// Without both (Tests/Mutants/PlainCore): whoever is connected drives, and when nobody does the motors keep
        /// what they have. So a flight stack behaves that drives its motors itself.
        case plain

        var program: String { self == .ours ? "flightcore" : "MutantPlainCore" }
    }

    /// The cores with which it is flown. Two at once can drive only without a fence; where nobody drives for a while,
    /// ours has its failsafe, so once both are shown.
    package var cores: [Core] {
        switch self {
        case .none, .update: [.ours]
        case .stopThenStart: [.plain, .ours]
        case .restart, .overlap, .checkpoint: [.plain]
        }
    }

    /// For people.
    package var title: String {
        switch self {
        case .none: "no update"
        case .stopThenStart: "stop, then start"
        case .restart: "restart"
        case .overlap: "start, then stop: both drive"
        case .checkpoint: "checkpoint, restore (CRIU)"
        case .update: "`droneagent update`"
        }
    }

    /// What it asks of the engine, for a shell; nil: it is no matter of the engine alone.
    func script(_ containers: Containers) -> String? {
        let docker = containers.docker
        let old = containers.old.name
        return switch self {
        case .none, .update: nil
        case .stopThenStart: "\(docker) stop \(old) && \(containers.run(containers.new))"
        case .restart: "\(docker) restart \(old)"
        // A second, as for a new service to become ready.
        case .overlap: "\(containers.run(containers.new)) && sleep 1 && \(docker) stop \(old)"
        case .checkpoint: "\(docker) checkpoint create \(old) state && \(docker) start --checkpoint state \(old)"
        }
    }
}
