import CContract
import Contract
import FlightKit
import FlightV1
import FlightV2
import Testing

@Suite("What an instance answers")
struct InstanceTests {
    @Test("It echoes tick, time and epoch, stands on no cut, and settles after its warm-up on the ground")
    func echo() {
        let instance = fly(CascadeController.self)
        for tick: UInt64 in 1...1100 {
            var sample = da_sample.make()
            sample.tick = tick
            sample.scheduled_ns = tick * 2_000_000
            sample.accel = (0, 0, -9.8)
            sample.pressure = 101_000
            let command = instance.answer(sample)
            #expect(command.tick == tick && command.sample_ns == sample.scheduled_ns)
            #expect(command.epoch == 0 && command.state_tick == 0)
            #expect(Motors(command.motor).sameBits(Motors(repeating: 0)))
            #expect((command.flags & UInt32(DA_COMMAND_SETTLED.rawValue) != 0) == (tick >= 1000))
        }
    }

    @Test("A candidate that began in the air is not settled before a cut, nor before its channels are warm")
    func settling() {
        var rig = Rig([fly(CascadeController.self)], seed: 5)
        rig.run(to: "roll")
        let candidate = fly(ReducedAttitudeController.self)
        rig.flyers.append(candidate)
        rig.run(seconds: 3)
        #expect(!candidate.isSettled)
        #expect(candidate.apply(rig.flyers[0].cut()) == .applied)
        rig.step()
        #expect(candidate.isSettled)
        let late = fly(ReducedAttitudeController.self)
        rig.flyers.append(late)
        rig.run(seconds: 0.5)
        #expect(late.apply(rig.flyers[0].cut()) == .applied)
        rig.run(seconds: 0.4)
        #expect(!late.isSettled)
        rig.run(seconds: 0.2)
        #expect(late.isSettled)
    }

    @Test("An update to the same code leaves the flight identical to the bit") func identicalFlight() {
        var alone = Rig([fly(CascadeController.self)], seed: 11)
        alone.run()
        var updated = Rig([fly(CascadeController.self)], seed: 11)
        updated.run(to: "pitch")
        updated.flyers.append(fly(CascadeController.self))
        updated.run(seconds: 0.2)
        let cut = updated.flyers[0].cut()
        updated.run(seconds: 0.05)
        #expect(updated.flyers[1].apply(cut) == .applied)
        updated.run(seconds: 0.05)
        updated.grant(1)
        updated.run()
        #expect(updated.trace.count == alone.trace.count)
        let different = zip(updated.trace, alone.trace).count { !$0.applied.sameBits($1.applied) }
        #expect(different == 0)
        let tracking = updated.trace.count { $0.commands.last.map { $0.flags & 2 != 0 } ?? false }
        #expect(tracking == 0)
    }

    @Test("The old owner stays fit in shadow and takes control back smoothly", arguments: 1...4 as ClosedRange<UInt64>)
    func wayBack(seed: UInt64) {
        var rig = Rig([fly(CascadeController.self), fly(ReducedAttitudeController.self)], seed: seed)
        rig.run(to: "roll")
        _ = rig.flyers[1].apply(rig.flyers[0].cut())
        rig.run(seconds: 1)
        rig.grant(1)
        rig.run(seconds: 8)
        rig.grant(0)
        let at = rig.trace.count
        rig.run()
        let before = rig.trace[at - 1].applied
        let first = rig.trace[at].applied
        for motor in 0..<4 { #expect(abs(first[motor] - before[motor]) < 0.02) }
        let flight = Verdict(rig.trace)
        #expect(flight.isSafe, "\(flight)")
    }

    @Test("After an owner that commanded nonsense, control is taken back without continuing it")
    func wayBackFromFault() {
        var rig = Rig([fly(CascadeController.self), fly(Mad.self)], seed: 4)
        rig.run(to: "hover")
        rig.run(seconds: 1)
        rig.grant(1)
        rig.run(seconds: 0.03)
        rig.grant(0)
        let at = rig.trace.count
        rig.run()
        let first = rig.trace[at].commands[0]
        #expect(Motors(first.motor).sameBits(Motors(first.free)))
        #expect(rig.trace[at...].reduce(0) { max($0, $1.tilt) } < 0.7)
        #expect(rig.trace.last.map { $0.height < 0.02 } ?? false)
    }

    @Test("Samples out of all reason never trap and never give a command that is none") func nonsense() {
        let one = fly(CascadeController.self)
        let two = fly(ReducedAttitudeController.self)
        var noise = Noise(seed: 99)
        let odd: [Float] = [
            .nan, .infinity, -.infinity, 0, -0.0, 1e38, -1e38, .leastNonzeroMagnitude, 3, -3, 101_000, .signalingNaN,
        ]
        for round: UInt64 in 0..<20_000 {
            var sample = da_sample.make()
            sample.tick = round % 100 == 99 ? noise.next() : round
            sample.owner_epoch = noise.next() % 2
            sample.your_epoch = noise.next() % 2
            sample.applied_tick = noise.next()
            sample.mode = UInt8(truncatingIfNeeded: noise.next() % 7)
            sample.flags = UInt8(truncatingIfNeeded: noise.next())
            func some() -> Float {
                let pick = noise.next()
                return pick % 3 == 0 ? odd[Int(pick / 3 % UInt64(odd.count))] : Float(bitPattern: UInt32(pick >> 32))
            }
            sample.gyro = (some(), some(), some())
            sample.accel = (some(), some(), some())
            sample.applied = (some(), some(), some(), some())
            (sample.pressure, sample.temperature) = (some(), some())
            sample.setpoint = da_setpoint(roll: some(), pitch: some(), yaw_rate: some(), climb: some())
            for command in [one.answer(sample), two.answer(sample)] {
                #expect(Motors(command.motor).isCommand && Motors(command.free).isCommand)
            }
        }
        // And neither is poisoned: both see level again after some seconds at rest.
        var last: [da_command] = []
        for tick: UInt64 in 1...5000 {
            var sample = da_sample.make()
            sample.tick = .max - 10_000 + tick
            sample.accel = (0, 0, -standardGravity)
            sample.pressure = 101_325
            sample.mode = tick < 4000 ? 0 : 3
            last = [one.answer(sample), two.answer(sample)]
        }
        for command in last {
            let motors = Motors(command.motor)
            for motor in 0..<4 { #expect(abs(motors[motor] - 0.667) < 0.08) }
        }
    }

    @Test("A controller that gives no number: the last command stands") func noNumber() {
        let instance = fly(Mad.self)
        var sample = da_sample.make()
        sample.mode = UInt8(DA_MODE_FLY.rawValue)
        sample.tick = 1
        #expect(Motors(instance.answer(sample).motor)[0] == 1)
        sample.tick = 2
        sample.gyro = (1, 0, 0)
        #expect(Motors(instance.answer(sample).motor)[0] == 1)
    }
}

/// Commands one motor full and three none; a NaN when it turns at 1 rad/s.
private struct Mad: Controller {
    static var name: String { "mad" }
    static var version: String { "0" }
    static var channels: [Channel<Mad>] { [] }

    init(vehicle _: da_vehicle, tickRate _: Int) {}

    mutating func step(_ sample: da_sample, _: Moment) -> Motors {
        sample.gyro.0 == 1 ? Motors(repeating: .nan) : [5, -1, 0, 0]
    }
}
