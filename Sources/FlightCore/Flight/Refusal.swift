/// Why a request was refused, as the tick says it; the control server puts it into words.
package enum Refusal: UInt8, Sendable, CaseIterable {
    case none
    case mayNotArm
    case alreadyArmed
    case notArmed
    case inTheAir
    case notFlying
    case failsafeFlies
    case noSuchInstance
    case nameTaken
    case noRoom
    case isOwner
    case ownerExists
    case noOwner
    case notConnected
    case noProbation
    case probationRuns
    case noEpochs
    case badValue
    case unknown
    case busy
    case receiverFlies
    case ownerFails

    /// One sentence: what is wrong and what to do. `name` is the instance that the request named.
    package func sentence(name: String) -> String {
        switch self {
        case .none: "Done."
        case .mayNotArm: "Arming is refused; 'droneagent status' says why."
        case .alreadyArmed: "The vehicle is armed already; take off, or disarm it first."
        case .notArmed: "The vehicle is not armed; arm it first."
        case .inTheAir: "The vehicle flies; land first, or force it."
        case .notFlying: "The vehicle does not fly; take off first."
        case .failsafeFlies: "The built-in failsafe flies and lands; wait until it has disarmed."
        case .noSuchInstance: "No instance is called '\(name)'; see the status for those attached."
        case .nameTaken: "An instance called '\(name)' is attached already; detach it or take another name."
        case .noRoom: "The core serves four instances at once and all places are taken; detach one."
        case .isOwner: "Instance '\(name)' owns the motors; switch to another one first."
        case .ownerExists: "An instance owns the motors already; use a switch."
        case .noOwner: "No instance owns the motors; grant them to one first."
        case .notConnected: "Instance '\(name)' is not connected to its tick socket; look at its log."
        case .noProbation:
            "No probation runs, so there is nothing to give back or to commit; 'droneagent status' says who flies."
        case .probationRuns: "A probation runs; commit it or roll it back first."
        case .noEpochs: "Fewer than three epochs are reserved on disk; look whether the state folder can be written."
        case .badValue: "The request's value is out of range; a take-off takes 1 to 50 m, a setpoint finite numbers."
        case .unknown: "The core does not know this operation; its contract version may be older."
        case .busy: "The tick did not take the request in time; try again."
        case .receiverFlies: "The pilot's receiver flies; switch its transmitter off to fly over this socket."
        case .ownerFails: "The owner misses samples or has left what is allowed, so its probation goes on; ask again."
        }
    }
}
