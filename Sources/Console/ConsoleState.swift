package import Agent

/// What the page shows beside the curves: the newest only.
package struct ConsoleState: Encodable, Sendable {
    /// ms since 1970.
    package var time: Int64 = 0
    /// nil: the core does not answer.
    package var core: CoreReport?
    package var coreFault: String? = "The flight core has not been asked yet."
    /// First tick of the present owner, as ms since 1970; nil: nobody owns the motors.
    package var ownerSince: Int64?
    package var health = Health()
    /// nil: the agent does not answer. Its word about the core is left out, the core's own is newer.
    package var agent: StatusReport?
    package var agentFault: String? = "The agent has not been asked yet."
    /// Why motors and body rates are not shown; nil: they are.
    package var recordFault: String?
    /// The update that is under way, or the last one that the console has seen.
    package var update: Timeline?

    /// The newest of the camera; nil: there has been none.
    package var picture: Picture?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case time, core, health, agent, update, picture
        case coreFault = "core_fault"
        case ownerSince = "owner_since"
        case agentFault = "agent_fault"
        case recordFault = "record_fault"
    }

    /// Of tick and bus since the core was started.
    package struct Health: Encodable, Equatable, Sendable {
        package var writesFailed: UInt64 = 0
        package var readsFailed: UInt64 = 0
        /// ms between two motor writes, since the console was started; nil: not known.
        package var worstGap: Float?
        /// Bus time / tick, 0 to 1.
        package var busLoad: Float = 0
        package var isBusSlow = false

        private enum CodingKeys: String, CodingKey {
            case writesFailed = "writes_failed"
            case readsFailed = "reads_failed"
            case worstGap = "worst_gap_ms"
            case busLoad = "bus_load"
            case isBusSlow = "bus_slow"
        }
    }

    package struct Picture: Encodable, Equatable, Sendable {
        /// Since the console was started.
        package var count: UInt64
        /// ms since 1970.
        package var time: Int64

        package init(count: UInt64, time: Int64) {
            self.count = count
            self.time = time
        }
    }
}
