import CBoard
import FlightCore
import Simulator

/// A world with its first bus, for drivers alone.
struct ChipRig {
    let world: World
    let bus: da_bus

    init(seed: UInt64 = 1, _ change: (inout WorldParameters) -> Void = { _ in }) {
        var parameters = WorldParameters(board: testBoard())
        parameters.wind.speed20 = 0
        change(&parameters)
        world = World(parameters: parameters, seed: seed)
        bus = world.bus(0)
    }

    func wait(_ milliseconds: UInt64) { world.advance(to: world.now + milliseconds * 1_000_000) }

    /// Calls `step` every 2 ms until `done`, at most so often; the number of calls, or nil.
    func bringUp(limit: Int = 500, _ step: () -> Void, until done: () -> Bool) -> Int? {
        for call in 0..<limit {
            if done() { return call }
            step()
            wait(2)
        }
        return done() ? limit : nil
    }

    func register(_ address: UInt8, _ register: UInt8) -> UInt8? {
        var byte: UInt8 = 0
        return bus.read(bus.context, address, register, &byte, 1) == 0 ? byte : nil
    }
}

/// What a master asked for, for comparing set-up sequences; answers come from the script.
final class TraceBus {
    private(set) var trace: [String] = []
    var registers: [UInt8: UInt8] = [:]
    var result: Int32 = 0

    var bus: da_bus {
        da_bus(
            context: Unmanaged.passUnretained(self).toOpaque(),
            read: { context, address, register, bytes, count in
                guard let context else { return -22 }
                let trace = Unmanaged<TraceBus>.fromOpaque(context).takeUnretainedValue()
                trace.trace.append("\(hex(address))[\(hex(register))] -> \(count)")
                for index in 0..<Int(count) { bytes[index] = trace.registers[register &+ UInt8(index)] ?? 0 }
                return trace.result
            },
            write: { context, address, register, bytes, count in
                guard let context else { return -22 }
                let trace = Unmanaged<TraceBus>.fromOpaque(context).takeUnretainedValue()
                let values = (0..<Int(count)).map { hex(bytes[$0]) }.joined(separator: " ")
                trace.trace.append("\(hex(address))[\(hex(register))] <- \(values)")
                return trace.result
            })
    }
}

func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
}
