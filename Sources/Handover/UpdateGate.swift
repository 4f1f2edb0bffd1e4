import Contract

/// Whether flight and machine allow an update to begin, and to switch. Pure; what is not known is no objection.
///
/// Each objection is a clause without a full stop, for the agent's sentence. The core has its own, harder word: it changes
/// owners on request neither in take-off, landing and failsafe nor where the stick is thrown over.
package enum UpdateGate {
    /// m: what way back and failsafe lose at most when a new owner throws the worst of ±30 % vehicles out of its envelope
    /// with all that its motors have, as `Board/bench envelope` computes it.
    package static let height: Float = 4
    /// °C: a Pi throttles its CPU from 80 on, and a slow one misses ticks.
    package static let temperature = 80.0
    /// Bytes: the candidate, its rehearsal and the engine's unpacking take some 40 MB.
    package static let memory = 64 << 20
    /// Bytes for the journal in the state folder, and for an image where the engine keeps them: ours unpack to 16 MB,
    /// others to more, and a full disk stops the flight's log too.
    package static let stateSpace = 16 << 20
    package static let imageSpace = 128 << 20

    /// What the agent finds of its machine; nil: it cannot be read here.
    package struct Host: Equatable, Sendable {
        /// °C, the hottest zone.
        package var temperature: Double?
        /// Whether clock or voltage are being cut just now.
        package var isThrottled: Bool?
        /// Bytes.
        package var memory: Int?
        package var stateSpace: Int?
        package var imageSpace: Int?

        package init(
            temperature: Double? = nil, isThrottled: Bool? = nil, memory: Int? = nil, stateSpace: Int? = nil,
            imageSpace: Int? = nil
        ) {
            self.temperature = temperature
            self.isThrottled = isThrottled
            self.memory = memory
            self.stateSpace = stateSpace
            self.imageSpace = imageSpace
        }
    }

    /// Low in flight, for longer than a sag lasts: landing has priority over any update.
    package static func isBatterySpent(_ view: CoreView) -> Bool {
        view.mode != .disarmed && view.trouble.contains(.batteryLow)
    }

    /// The flight's objection that nobody overrides: a part of it in which the core does not switch either.
    package static func modeObjection(_ view: CoreView) -> String? {
        switch view.mode {
        case .takeoff: "the vehicle takes off"
        case .land: "the vehicle lands"
        case .failsafe: "the built-in failsafe flies"
        case .disarmed, .armed, .fly: nil
        }
    }

    /// The flight's objections. On the ground, disarmed, it has none.
    package static func objections(_ view: CoreView) -> [String] {
        guard view.mode != .disarmed else { return [] }
        var objections = [modeObjection(view)].compactMap { $0 }
        if view.mode == .fly, let height = view.height, height < self.height {
            objections.append(
                "it flies \((clamp(height, -1000, 1000) * 10).rounded() / 10) m high, less than the \(Int(self.height)) m in which it recovers"
            )
        }
        let lasting: ArmingReasons = [.kill, .imu, .barometer, .batteryChip, .motorChip, .batteryLow, .epochs]
        return objections + view.trouble.intersection(lasting).reasons
    }

    /// The machine's objections.
    package static func objections(_ host: Host) -> [String] {
        var objections: [String] = []
        if let temperature = host.temperature, temperature >= self.temperature {
            objections.append("the CPU is \(Int(temperature)) °C hot (limit \(Int(self.temperature)))")
        }
        if host.isThrottled == true { objections.append("the CPU is throttled (heat, or too little voltage)") }
        func scarce(_ bytes: Int?, _ needed: Int, _ what: String) {
            guard let bytes, bytes < needed else { return }
            objections.append("\(bytes >> 20) MB of \(what) are free (\(needed >> 20) are needed)")
        }
        scarce(host.memory, memory, "memory")
        scarce(host.stateSpace, stateSpace, "the state folder's disk")
        scarce(host.imageSpace, imageSpace, "the engine's disk")
        return objections
    }
}
