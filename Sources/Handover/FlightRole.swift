/// What a container does, as far as the agent has come; written to its journal.
package enum FlightRole: String, Sendable, Codable {
    case owner
    case candidate
    case standby
}
