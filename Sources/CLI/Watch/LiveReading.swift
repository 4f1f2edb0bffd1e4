package import Agent
package import CContract
package import LiveRecord

/// What the live view of `watch` shows: the newest word of core, flight log and agent.
package struct LiveReading: Equatable, Sendable {
    /// What the core says of the flight.
    package struct Flight: Equatable, Sendable {
        package var core: CoreReport
        /// rad: right wing down and nose up positive.
        package var roll: Float
        package var pitch: Float
        /// How long the owner has owned, s; nil: nobody does, or the core does not tell its tick rate.
        package var ownedFor: Double?

        package init(_ status: da_status) {
            core = CoreReport(status)
            (roll, pitch) = (status.roll, status.pitch)
            guard core.owner != nil, status.tick_rate > 0, status.tick >= status.switch_tick else { return }
            ownedFor = Double(status.tick - status.switch_tick) / Double(status.tick_rate)
        }
    }

    /// nil: the core does not answer, and `coreFault` says why.
    package var flight: Flight?
    package var coreFault: String?
    /// What no status has, and the core writes down from arming on; values that are nil it does not.
    package var record = RecordTail.Values()
    /// nil: the agent does not answer, and `agentFault` says why, or it has not been asked yet.
    package var agent: StatusReport?
    package var agentFault: String?

    package init() {}
}
