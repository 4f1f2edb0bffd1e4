import CContract
import Contract
import FlightCore
import Handover
import Simulator

/// How the faults of the plan come into the flight.
extension CampaignFlight {
    func isActive(_ kind: FaultKind) -> Bool {
        for (index, fault) in plan.faults.enumerated()
        where fault.kind == kind && strikes[index] != nil && fault.isActive(now) { return true }
        return false
    }

    func note(_ index: Int, slot: Int?) {
        let arbiter = core.arbiter
        let isWarm = arbiter.inProbation && arbiter.slots[arbiter.standby].answered &+ 1 >= core.tick
        strikes[index] = Strike(
            slot: slot, faultClass: FaultClass.of(plan.faults[index], isAlone: !isWarm), phase: phaseName)
    }

    /// Begins what is due.
    func strike() {
        for (index, fault) in plan.faults.enumerated() where strikes[index] == nil && now >= fault.begin {
            guard fault.kind != .switchNack, fault.isActive(now) else { continue }
            if fault.kind.isOfContainer {
                guard let slot = target(fault.target) else { continue }
                note(index, slot: slot)
                if fault.kind == .crash {
                    end(slot)
                    agentHears(.exited(instance: CampaignAgent.names[slot], "crashed"), after: 30)
                }
            } else {
                note(index, slot: nil)
                strikeChips(fault)
                if fault.kind == .agentDeath { agent.fuse = fault.effects }
                if fault.kind == .kill { world.lineLevels[Int(DA_LINE_KILL.rawValue)] = 1 }
            }
        }
        for (index, fault) in plan.faults.enumerated()
        where fault.kind == .kill && strikes[index] != nil && now >= fault.end {
            world.lineLevels[Int(DA_LINE_KILL.rawValue)] = 0
        }
    }

    /// The container that it is to strike; nil: there is none.
    private func target(_ target: PlannedFault.Target) -> Int? {
        let owner = core.arbiter.owner
        switch target {
        case .owner: return owner >= 0 && containers[owner] != nil ? owner : nil
        case .other: return containers.indices.first { $0 != owner && containers[$0] != nil }
        }
    }

    private func strikeChips(_ fault: PlannedFault) {
        let repeats = max(1, fault.milliseconds / 2)
        func add(_ kind: ChipFault.Kind, _ address: UInt8, _ direction: ChipFault.Direction = .both, times: Int = 1) {
            world.faults.add(
                ChipFault(kind, .time(fault.begin), address: address, direction: direction, repeats: times))
        }
        func distort(_ kind: ReadingFault.Kind, _ address: UInt8) {
            world.readingFaults.append(ReadingFault(kind, address: address, span: fault.begin..<fault.end))
        }
        let (imu, barometer) = (board.imu_address, board.baro_address)
        switch fault.kind {
        // Each is tried twice in a tick.
        case .imuNack: add(.nackAddress, imu, .read, times: repeats * 2)
        case .motorNack: add(.nackAddress, board.motor_address, .write, times: repeats * 2)
        case .motorTorn: add(.torn(bytes: 7), board.motor_address, .write, times: repeats)
        case .busHang: add(.hang(milliseconds: fault.milliseconds), imu)
        case .imuFrozen: distort(.frozen, imu)
        // It does not answer any more.
        case .imuDead: add(.nackAddress, imu, times: repeats * 2)
        // 1000 degrees a second about two axes, for one sample.
        case .imuSpike: distort(.replaced(register: 0x3B, at: 8, bytes: [0x7F, 0xFF, 0x80, 0x01]), imu)
        case .barometerFrozen: distort(.frozen, barometer)
        // Some 80 m higher.
        case .barometerSpike:
            world.readingFaults.append(
                ReadingFault(
                    .replaced(register: 0xF7, at: 0, bytes: [0x66]), address: barometer,
                    span: fault.begin..<fault.begin + 25_000_000))
        case .wrongIdentity: distort(.replaced(register: 0x75, at: 0, bytes: [0x70]), imu)
        case .imuBrownOut: add(.brownOut, imu)
        case .barometerBrownOut: add(.brownOut, barometer)
        case .batteryBrownOut: add(.brownOut, board.battery_address)
        case .motorBrownOut: add(.brownOut, board.motor_address)
        // 9.4 V under load: below critical. 4 mV a bit, from bit 3 on.
        case .batteryLow:
            let word = UInt16(9.4 / 0.004) << 3
            distort(
                .replaced(register: 0x02, at: 0, bytes: [UInt8(word >> 8), UInt8(word & 0xFF)]), board.battery_address)
        default: break
        }
    }

    /// Whether a fault struck in good time after which flying on is no virtue.
    var mustLand: Bool {
        for (index, fault) in plan.faults.enumerated() where strikes[index] != nil {
            let left = pilot.landingBegins - Double(fault.begin) / 1e9
            if fault.kind == .batteryLow, left > 3 { return true }
            if fault.kind == .pilotLoss, fault.milliseconds > 600, left > 1 { return true }
        }
        return false
    }

    /// The machine does not run for a while; the world does.
    func stall() {
        for (index, fault) in plan.faults.enumerated()
        where fault.kind == .stall && strikes[index] == nil && world.now >= fault.begin {
            note(index, slot: nil)
            world.advance(to: world.now + UInt64(fault.milliseconds) * 1_000_000)
            asleep += UInt64(fault.milliseconds) * 1_000_000
        }
    }
}
