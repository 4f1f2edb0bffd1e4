import Contract
import FlightCore
import Handover

/// What is out of the ordinary in one tick.
enum TickEvent: Equatable, Sendable {
    case none
    /// The machine slept through a tick.
    case sleep
    /// The vehicle has left its envelope.
    case envelope
    /// A container's command is out of range; comes after its tick; never comes.
    case range(Int)
    case late(Int)
    case lost(Int)
    /// A container claims, beside its answer, an epoch that is not its own.
    case replay(Int, Claim)

    enum Claim: Sendable { case itsOwnPast, theOwners }
}

extension HandoverSystem {
    package enum Move: CustomStringConvertible, Sendable {
        // What goes on by itself.
        case deliver(Int)
        case work
        case look
        case tick
        case restartAgent
        case wake(Int)
        case connect(Int)
        // Faults and events, of which a flight has so many.
        case odd(OddTick)
        case lose(Int)
        case double(Int)
        case kill(Int)
        case hang(Int)
        case killCore(hasRecord: Bool)
        case callOff
        case failWork
        case stallWork
        /// The agent dies while it does its next thing, after so many effects outside of itself.
        case killAgent(AgentMove, after: UInt8)
        /// While it does its next thing the core does not hear it, or its reply is lost.
        case failCall(AgentMove, isCarriedOut: Bool)

        package var description: String {
            switch self {
            case .deliver(let place): "message \(place + 1) arrives"
            case .work: "the agent goes on"
            case .look: "the agent looks at the core"
            case .tick: "tick"
            case .restartAgent: "the agent is restarted"
            case .wake(let slot): "\(HandoverSystem.names[slot]) wakes up"
            case .connect(let slot): "\(HandoverSystem.names[slot]) connects"
            case .odd(let tick): tick.description
            case .lose(let place): "message \(place + 1) is lost"
            case .double(let place): "message \(place + 1) is doubled"
            case .kill(let slot): "\(HandoverSystem.names[slot]) crashes"
            case .hang(let slot): "\(HandoverSystem.names[slot]) hangs"
            case .killCore(let hasRecord):
                hasRecord ? "the core crashes and takes the flight up" : "the core crashes and starts anew"
            case .callOff: "the user calls the update off"
            case .failWork: "the agent's work at engine or registry fails"
            case .stallWork: "engine and registry hang"
            case .killAgent(let move, let after): "\(move.description), and dies after \(after) effects"
            case .failCall(let move, let isCarriedOut):
                "\(move.description); " + (isCarriedOut ? "the core's reply is lost" : "the core does not hear it")
            }
        }
    }

    /// What the agent does.
    package enum AgentMove: CustomStringConvertible, Sendable {
        case work, look
        case hear(Int)
        case callOff

        package var description: String {
            switch self {
            case .work: "the agent goes on"
            case .look: "the agent looks at the core"
            case .hear(let place): "message \(place + 1) arrives"
            case .callOff: "the user calls the update off"
            }
        }
    }

    /// A tick with a fault in it.
    package struct OddTick: CustomStringConvertible, Sendable {
        let event: TickEvent

        package var description: String {
            switch event {
            case .none: "tick"
            case .sleep: "a tick is slept through, then tick"
            case .envelope: "tick, envelope left"
            case .range(let slot): "tick, \(HandoverSystem.names[slot]) answers out of range"
            case .late(let slot): "tick, \(HandoverSystem.names[slot]) answers too late"
            case .lost(let slot): "tick, \(HandoverSystem.names[slot]) does not answer"
            case .replay(let slot, .itsOwnPast): "tick, \(HandoverSystem.names[slot]) claims the last epoch that it had"
            case .replay(let slot, .theOwners): "tick, \(HandoverSystem.names[slot]) claims the owner's epoch"
            }
        }
    }

    /// Ticks that everybody may be late by: a step of the agent, a message, a look may come before or after the next
    /// tick, in any order. Whatever is slower is a fault.
    private static let lagMax = 1

    package var moves: [Move] {
        guard !isSettled else { return [] }
        var moves: [Move] = []
        for place in bag.indices { moves.append(.deliver(place)) }
        if agentCanWork { moves.append(.work) }
        if agentCanLook { moves.append(.look) }
        if !agent.isAlive { moves.append(.restartAgent) }
        for slot in 0..<2 {
            if containers[slot].life == .hung { moves.append(.wake(slot)) }
            if isToConnect(slot) { moves.append(.connect(slot)) }
        }
        if lag < Self.lagMax || !isSomebodyDue { moves.append(.tick) }
        if faultsLeft > 0 { addFaults(to: &moves) }
        return moves
    }

    private var agentCanWork: Bool { agent.isAlive && agent.work != .none && !agent.isWaiting && agent.stall == 0 }
    private var agentCanLook: Bool { agent.isAlive && agent.machine != nil && !agent.hasLooked }
    private func isToConnect(_ slot: Int) -> Bool {
        containers[slot].life == .running && arbiter.slots[slot].role == .listening
    }
    /// Whoever hangs, is dead or holds up a look may stay so for any time.
    var isSomebodyDue: Bool { !bag.isEmpty || agentCanWork || agentCanLook || isToConnect(0) || isToConnect(1) }

    private func addFaults(to moves: inout [Move]) {
        for place in bag.indices {
            moves.append(.lose(place))
            moves.append(.double(place))
        }
        var events: [TickEvent] = [.sleep]
        if arbiter.inProbation { events.append(.envelope) }
        for slot in 0..<2 where containers[slot].isThere {
            if containers[slot].life == .running {
                if arbiter.slots[slot].isConnected {
                    events += [.range(slot), .late(slot), .lost(slot), .replay(slot, .theOwners)]
                    if containers[slot].granted != 0 { events.append(.replay(slot, .itsOwnPast)) }
                }
                moves.append(.hang(slot))
            }
            moves.append(.kill(slot))
        }
        for event in events { moves.append(.odd(OddTick(event: event))) }
        moves += [.killCore(hasRecord: true), .killCore(hasRecord: false)]
        guard agent.isAlive else { return }
        var own: [AgentMove] = []
        if agentCanWork { own.append(.work) }
        if agentCanLook { own.append(.look) }
        for (place, message) in bag.enumerated() where message.isForAgent { own.append(.hear(place)) }
        if agent.machine != nil {
            moves.append(.callOff)
            own.append(.callOff)
        }
        for move in own {
            for after in 0..<Self.effectsMax { moves.append(.killAgent(move, after: after)) }
            moves.append(.failCall(move, isCarriedOut: false))
            moves.append(.failCall(move, isCarriedOut: true))
        }
        switch agent.work {
        case .pull, .verify, .rehearse, .startCandidate, .stop:
            if agent.stall == 0 { moves += [.failWork, .stallWork] }
        default: break
        }
    }

    package mutating func make(_ move: Move) -> String? {
        switch move {
        case .deliver(let place): deliver(bag.remove(at: place))
        case .work: work(fails: false)
        case .look: look()
        case .tick: passTick(.none)
        case .restartAgent: restartAgent()
        case .wake(let slot): containers[slot].wake(as: slot)
        case .connect(let slot): arbiter.connect(slot, pid: Self.pid(slot))
        default:
            faultsLeft -= 1
            strike(move)
        }
        clearUpIfOwing()
        checkAlways()
        return breach
    }

    private mutating func make(_ move: AgentMove) {
        switch move {
        case .work: work(fails: false)
        case .look: look()
        case .hear(let place): deliver(bag.remove(at: place))
        case .callOff: feed(.rollbackRequested)
        }
    }

    /// Effects of one thing that the agent does, at most: two journal writes, a request, a message.
    private static let effectsMax: UInt8 = 5
    /// Longer than every limit of a phase.
    private static let stallTicks: UInt8 = 8

    private mutating func strike(_ move: Move) {
        switch move {
        case .odd(let tick):
            switch tick.event {
            case .range(0), .late(0), .lost(0): oldWasStruck = true
            case .range(1), .late(1), .lost(1): newWasStruck = true
            default: break
            }
            passTick(tick.event)
        case .lose(let place): bag.remove(at: place)
        case .double(let place): post(bag[place])
        case .kill(let slot):
            struck(slot)
            endProcess(slot, to: .ended)
            if agent.isAlive { post(.exited(slot)) }
        case .hang(let slot):
            struck(slot)
            containers[slot].life = .hung
        case .killAgent(let move, let after):
            agent.fuse = after
            make(move)
            if agent.isAlive { killAgent() }
        case .killCore(let hasRecord): restartCore(hasRecord: hasRecord)
        case .callOff: feed(.rollbackRequested)
        case .failWork: work(fails: true)
        case .stallWork: agent.stall = Self.stallTicks
        case .failCall(let move, let isCarriedOut):
            agent.callFault = isCarriedOut ? .unanswered : .unheard
            make(move)
            agent.callFault = .none
        case .deliver, .work, .look, .tick, .restartAgent, .wake, .connect: break
        }
    }

    private mutating func struck(_ slot: Int) { if slot == 0 { oldWasStruck = true } else { newWasStruck = true } }
}
