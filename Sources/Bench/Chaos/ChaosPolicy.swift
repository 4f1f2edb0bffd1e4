/// What a person asks to go wrong, as it stands in a policy's file.
package struct ChaosPolicy: Sendable, Equatable {
    /// s of manoeuvres.
    package var duration: Double
    /// Tags that are flown in turn, the first one from the start.
    package var updates: [String]
    package var faults: [ChaosFault]
}

/// One fault, again and again.
package struct ChaosFault: Sendable, Equatable {
    package enum Kind: String, CaseIterable, Sendable {
        case kill, pause, delay, loss, throttle, cut, refuse, hang, status, nack, brownout
    }

    package enum Place: String, CaseIterable, Sendable {
        case containers, agent, core, queue, registry, engine, imu, barometer, motors, battery
    }

    package var kind: Kind
    package var place: Place
    /// s, bytes a second, bytes, a share of 1, or an HTTP status, as the kind wants it; 0 where it wants none.
    package var strength: Double
    /// s from one begin to the next; the first is as late.
    package var every: Double
    /// s; 0 for what is over at once.
    package var lasts: Double
    /// Labels that a container must have; empty: any. Of `org.droneagent.role` the last part is enough.
    package var labels: [String: String]

    package init(
        _ kind: Kind, on place: Place, strength: Double = 0, every: Double, lasts: Double = 0,
        labels: [String: String] = [:]
    ) {
        self.kind = kind
        self.place = place
        self.strength = strength
        self.every = every
        self.lasts = lasts
        self.labels = labels
    }

    /// Whether a container with these labels is meant.
    package func selects(_ of: [String: String]) -> Bool {
        labels.allSatisfy { key, value in
            of.contains { ($0.key == key || $0.key.hasSuffix(".\(key)")) && $0.value == value }
        }
    }

    /// For a person: what, where, to whom.
    package var words: String {
        let what =
            switch kind {
            case .delay: "\(Int((strength * 1000).rounded())) ms of delay"
            case .loss: "\(Int((strength * 100).rounded())) % lost"
            case .throttle: "\(Int(strength)) bytes a second"
            case .cut: "cut off after \(Int(strength)) bytes"
            case .status: "answer \(Int(strength))"
            case .kill, .pause, .refuse, .hang, .nack, .brownout: kind.rawValue
            }
        let whom = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        return "\(what) on \(place.rawValue)\(whom.isEmpty ? "" : " of \(whom)")"
    }
}

extension ChaosFault.Kind {
    /// Where it can strike.
    package var places: [ChaosFault.Place] {
        switch self {
        case .kill: [.containers, .agent, .core]
        case .pause: [.containers, .agent, .core]
        case .delay: [.queue, .registry, .engine]
        case .loss: [.queue]
        case .throttle, .cut, .refuse, .hang, .status: [.registry, .engine]
        case .nack, .brownout: [.imu, .barometer, .motors, .battery]
        }
    }

    /// What its strength is measured in; nil: it has none.
    package var unit: ChaosUnit? {
        switch self {
        case .delay: .time
        case .loss: .share
        case .throttle: .rate
        case .cut: .bytes
        case .status: .status
        case .kill, .pause, .refuse, .hang, .nack, .brownout: nil
        }
    }

    /// Whether it lasts for a while.
    package var takesTime: Bool { self != .kill && self != .brownout }
}

/// A quantity with its unit, such as "600 ms".
package enum ChaosUnit: Sendable {
    case time, share, rate, bytes, status

    /// Units and what they are in s, bytes a second, bytes or a share.
    private var units: [(name: String, factor: Double)] {
        switch self {
        case .time: [("ms", 1e-3), ("s", 1), ("min", 60)]
        case .share: [("%", 0.01)]
        case .rate: [("B/s", 1), ("kB/s", 1e3), ("MB/s", 1e6)]
        case .bytes: [("B", 1), ("kB", 1e3), ("MB", 1e6)]
        case .status: [("", 1)]
        }
    }

    package var example: String {
        switch self {
        case .time: "600 ms, 10 s or 2 min"
        case .share: "20 %"
        case .rate: "64 kB/s"
        case .bytes: "10 kB"
        case .status: "503"
        }
    }

    /// Nil: it is not written so.
    package func read(_ text: String) -> Double? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: true)
        guard let first = parts.first, parts.count <= 2, let number = Double(first), number.isFinite, number >= 0,
            let unit = units.first(where: { $0.name == (parts.count == 2 ? String(parts[1]) : "") })
        else { return nil }
        return number * unit.factor
    }
}
