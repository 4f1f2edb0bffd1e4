package import CContract
import Contract

/// What agent, pilot and ground station ask for, between two ticks.
extension FlightTick {
    /// Carries out an operation of the contract that is the tick's own.
    @_noAllocation
    package mutating func perform(_ request: LoopRequest) -> Refusal {
        switch Operation(rawValue: request.operation) {
        case .grant: return grant(request.slot)
        case .reserve: return arbiter.epochsLeft >= 3 ? .none : .noEpochs
        case .switch: return requestSwitch(to: request.slot, within: request.ticks)
        case .commit:
            guard arbiter.inProbation else { return .noProbation }
            return arbiter.commit() ? .none : .ownerFails
        case .rollback: return arbiter.requestWayBack() ? .none : .noProbation
        case .cancel:
            arbiter.cancelSwitch()
            return .none
        case .arm: return arm()
        case .disarm: return disarm(force: request.isForced)
        case .takeoff: return takeOff(to: request.value)
        case .land: return land()
        case .pilot: return takePilot(request.setpoint)
        case .status: return .none
        case .attach, .detach, nil: return .unknown
        }
    }

    @_noAllocation
    package mutating func arm() -> Refusal { modes.arm(armingReasons()) }

    @_noAllocation
    package mutating func disarm(force: Bool) -> Refusal {
        let refusal = modes.disarm(force: force)
        if isDisarmed { settleOnGround() }
        return refusal
    }

    @_noAllocation
    package mutating func takeOff(to height: Float) -> Refusal { modes.takeOff(to: height) }

    @_noAllocation
    package mutating func land() -> Refusal { modes.land() }

    @_noAllocation
    package mutating func takePilot(_ setpoint: da_setpoint) -> Refusal { modes.takePilot(setpoint, now: now()) }

    @_noAllocation
    package mutating func grant(_ slot: Int) -> Refusal {
        guard modes.onGround || arbiter.isFailsafe else { return .inTheAir }
        guard arbiter.slots[slot].isConnected else { return .notConnected }
        guard arbiter.owner == Arbiter.nobody else { return .ownerExists }
        if arbiter.isFailsafe {
            return arbiter.requestRelief(by: slot, until: tick &+ Self.reliefTicks) ? .none : .noEpochs
        }
        return arbiter.grant(slot) ? .none : .noEpochs
    }

    /// Ticks within which a container that was granted the motors in failsafe must be fit: 1 s at 500 Hz.
    private static let reliefTicks: UInt64 = 500

    @_noAllocation
    package mutating func requestSwitch(to slot: Int, within ticks: UInt32) -> Refusal {
        guard arbiter.owner != Arbiter.nobody else { return .noOwner }
        guard slot != arbiter.owner else { return .isOwner }
        guard !arbiter.inProbation else { return .probationRuns }
        guard arbiter.slots[slot].isConnected else { return .notConnected }
        return arbiter.requestSwitch(to: slot, until: tick &+ UInt64(ticks)) ? .none : .noEpochs
    }
}
