internal import CBoard
internal import Glibc

/// One transfer on a bus as a master asks for it.
package struct Transfer {
    package var bus: Int
    package var isWrite: Bool
    package var address: UInt8
    package var register: UInt8
    package var count: Int
}

/// When a transfer happens and what will go wrong with it.
package struct TransferPlan {
    package var transfer: Transfer
    /// ns at which a read's data are taken.
    package var sampled: UInt64
    /// ns of the STOP, when the master goes on.
    package var stop: UInt64
    package var fault: ChipFault.Kind?
}

extension World {
    /// Clocks of a transfer: 9 a byte, one each for START, repeated START and STOP (I2C specification UM10204).
    private static func clocks(_ transfer: Transfer) -> Int {
        transfer.isWrite ? (2 + transfer.count) * 9 + 2 : (3 + transfer.count) * 9 + 3
    }

    /// What a transfer that begins now will be: it waits for the bus, then takes its clocks.
    package func plan(_ transfer: Transfer) -> TransferPlan {
        let bus = transfer.bus & 1
        let start = max(now, busFree[bus])
        transfers &+= 1
        let fault = faults.next(address: transfer.address, isWrite: transfer.isWrite, at: start)
        let nanoseconds = 1e9 / parameters.wiring.busSpeed[bus]
        var clocks = Self.clocks(transfer)
        if !answers(transfer) || fault == .nackAddress { clocks = 11 }
        var stop = start &+ UInt64(Double(clocks) * nanoseconds)
        switch fault {
        case .hang(let milliseconds): stop = start &+ UInt64(max(0, milliseconds)) &* 1_000_000
        case .nackByte(let index): stop = start &+ UInt64(Double((3 + max(0, index)) * 9 + 2) * nanoseconds)
        case .torn(let bytes): stop = start &+ UInt64(Double((2 + max(0, bytes)) * 9 + 2) * nanoseconds)
        case .nackAddress, .brownOut, nil: break
        }
        busFree[bus] = stop
        // A read's data are taken behind two address bytes and the register.
        let sampled = min(stop, start &+ UInt64(29 * nanoseconds))
        return TransferPlan(transfer: transfer, sampled: sampled, stop: stop, fault: fault)
    }

    /// Whether a chip sits at that address of that bus.
    private func answers(_ transfer: Transfer) -> Bool {
        let address = transfer.address
        if address == parameters.wiring.motorAddress { return transfer.bus == parameters.wiring.motorBus }
        return transfer.bus == 0
            && (address == parameters.wiring.imuAddress || address == parameters.wiring.barometerAddress
                || address == parameters.wiring.monitorAddress)
    }

    /// The data of a read; the world stands at `plan.sampled`. 0 or a negative errno.
    package func read(_ plan: TransferPlan, into block: inout Block) -> Int32 {
        let result = outcome(plan)
        guard result == 0 else { return result }
        let transfer = plan.transfer
        let wiring = parameters.wiring
        switch transfer.address {
        case wiring.imuAddress:
            block = vehicle.imu.read(transfer.register, count: transfer.count, at: plan.sampled)
            inertialSampled = plan.sampled
        case wiring.barometerAddress:
            block = vehicle.barometer.read(transfer.register, count: transfer.count, at: plan.sampled)
        case wiring.monitorAddress:
            block = vehicle.monitor.read(transfer.register, count: transfer.count, at: plan.sampled)
        default: block = vehicle.motorChip.read(transfer.register, count: transfer.count, at: plan.sampled)
        }
        for index in readingFaults.indices where readingFaults[index].address == transfer.address {
            readingFaults[index].distort(&block, register: transfer.register, at: plan.sampled)
        }
        return 0
    }

    /// The effect of a write; the world stands at `plan.stop`. 0 or a negative errno.
    package func write(_ plan: TransferPlan, _ block: Block) -> Int32 {
        let result = outcome(plan)
        let transfer = plan.transfer
        guard answers(transfer) else { return result }
        let taken =
            switch plan.fault {
            case .nackByte(let bytes), .torn(let bytes): min(max(0, bytes), block.count)
            case .nackAddress, .hang: 0
            case .brownOut, nil: block.count
            }
        let applied = taken == block.count ? block : block.prefix(taken)
        let wiring = parameters.wiring
        switch transfer.address {
        case wiring.imuAddress: vehicle.imu.write(transfer.register, applied, at: plan.stop)
        case wiring.barometerAddress: vehicle.barometer.write(transfer.register, applied, at: plan.stop)
        case wiring.monitorAddress: vehicle.monitor.write(transfer.register, applied, at: plan.stop)
        default:
            vehicle.motorChip.write(transfer.register, applied, at: plan.stop)
            log(plan, count: block.count, taken: taken, result: result)
        }
        return result
    }

    /// What the master hears; a brown-out happens here.
    private func outcome(_ plan: TransferPlan) -> Int32 {
        guard answers(plan.transfer) else { return -ENXIO }
        switch plan.fault {
        case .nackAddress: return -ENXIO
        case .nackByte: return -EREMOTEIO
        case .hang: return -ETIMEDOUT
        case .torn: return -EIO
        case .brownOut:
            brownOut(plan.transfer.address)
            return 0
        case nil: return 0
        }
    }

    /// The chip at `address` falls back to its state at power-up.
    package func brownOut(_ address: UInt8) {
        let wiring = parameters.wiring
        switch address {
        case wiring.imuAddress: vehicle.imu.reset(at: now)
        case wiring.barometerAddress: vehicle.barometer.reset(at: now)
        case wiring.monitorAddress: vehicle.monitor.reset(at: now)
        case wiring.motorAddress: vehicle.motorChip.reset()
        default: break
        }
    }

    /// Notes a write to the channels' registers.
    private func log(_ plan: TransferPlan, count: Int, taken: Int, result: Int32) {
        let register = plan.transfer.register
        let isChannel = (PCA9685Chip.Register.led0...0x45).contains(register)
        let isAll = (PCA9685Chip.Register.allLed..<PCA9685Chip.Register.prescale).contains(register)
        // A transfer that the chip never heard of says nothing about the motors.
        guard isChannel || isAll, taken > 0 || plan.fault != nil else { return }
        var flags = MotorRecord.Flags()
        if taken == count { flags.insert(.complete) }
        let chip = vehicle.motorChip
        if chip.outputsEnabled { flags.insert(.outputsEnabled) }
        if chip.isAsleep { flags.insert(.asleep) }
        var record = MotorRecord(
            stop: plan.stop, sequence: motorLog.total, firstRegister: register, count: UInt8(count),
            taken: UInt8(taken), flags: flags, result: result)
        for motor in 0..<4 {
            let channel = parameters.wiring.motorChannel[motor]
            (record.on[motor], record.off[motor]) = chip.counts(channel)
            record.pulse[motor] = UInt32(chip.width(channel) * 1e9)
        }
        record.effective = chip.turn(after: plan.stop)
        record.sampled = inertialSampled
        motorLog.append(record)
    }
}
