import CContract
import Contract
import FlightKit
import FlightV1
import FlightV2
import Testing

@Suite("Version 1 hands over to version 2 in flight")
struct HandoverTests {
    /// Two containers and the messenger between them: a cut every 25 ticks, 10 ticks on its way.
    private struct Handover {
        var rig: Rig
        let candidate: FlightInstance<ReducedAttitudeController>
        var switchTick = 0

        init(seed: UInt64, at leg: String, after seconds: Float) {
            rig = Rig([fly(CascadeController.self)], seed: seed)
            candidate = fly(ReducedAttitudeController.self)
            rig.run(to: "hover")
            rig.flyers.append(candidate)
            var travelling: StateCut?
            rig.run(until: { rig in
                if rig.tick % 25 == 0 { travelling = rig.flyers[0].cut() }
                if rig.tick % 25 == 10, let cut = travelling { _ = rig.flyers[1].apply(cut) }
                return rig.current?.name == leg
            })
            rig.run(seconds: seconds)
            rig.grant(1)
            switchTick = rig.trace.count
        }
    }

    /// Calm ones and others: in a turn, in a climb, amid a reversal of the bank.
    static let moments: [(leg: String, seconds: Float)] = [
        ("rest", 0.5), ("yaw", 1), ("climb", 1), ("roll back", 0.1), ("roll back", 0.4),
    ]

    @Test("The switch is not felt", arguments: 1...6 as ClosedRange<UInt64>)
    func switchIsSmooth(seed: UInt64) {
        let one = alone(CascadeController.self, seed)
        let two = alone(ReducedAttitudeController.self, seed)
        for moment in Self.moments {
            var handover = Handover(seed: seed, at: moment.leg, after: moment.seconds)
            let at = handover.switchTick
            #expect(handover.candidate.isSettled)
            handover.rig.run(seconds: 3)
            let window = at..<at + 1000
            let first = handover.rig.trace[at]
            let step = distance(Motors(first.commands[0].free), first.applied)
            #expect(step <= 0.01, "step \(step) at \(moment)")
            let tilt = tilt(handover.rig.trace[window])
            #expect(tilt <= max(self.tilt(one[window]), self.tilt(two[window])) + 0.01745)
            let height = heightError(handover.rig.trace[window])
            #expect(height <= max(heightError(one[window]), heightError(two[window])) + 0.05)
            #expect(first.commands[1].flags & UInt32(DA_COMMAND_TRACKING.rawValue) != 0)
            let later = handover.rig.trace[at + 40]
            #expect(Motors(later.commands[1].motor).sameBits(Motors(later.commands[1].free)))
        }
    }

    @Test("The flight ends well after it") func lands() {
        var handover = Handover(seed: 3, at: "yaw", after: 0.7)
        handover.rig.run()
        let flight = Verdict(handover.rig.trace)
        #expect(flight.isSafe, "\(flight)")
    }

    @Test("Version 2 is another controller: its commands differ by 2 % RMS and more in manoeuvres")
    func differs() {
        var handover = Handover(seed: 1, at: "climb", after: 0)
        handover.rig.run(seconds: 1)
        var sum: Float = 0
        let manoeuvres = handover.rig.trace[..<handover.switchTick].filter {
            $0.commands.count == 2 && !($0.setpoint == da_setpoint())
        }
        for now in manoeuvres {
            let (a, b) = (Motors(now.commands[0].free), Motors(now.commands[1].free))
            for motor in 0..<4 { sum += (a[motor] - b[motor]) * (a[motor] - b[motor]) }
        }
        let rms = squareRoot(sum / Float(4 * manoeuvres.count))
        #expect(rms > 0.02, "RMS \(rms)")
    }

    private func alone<C: Controller>(_: C.Type, _ seed: UInt64) -> [Rig.Trace] {
        var rig = Rig([fly(C.self)], seed: seed)
        rig.run()
        return rig.trace
    }

    private func tilt(_ trace: ArraySlice<Rig.Trace>) -> Float { trace.reduce(0) { max($0, $1.tilt) } }

    private func heightError(_ trace: ArraySlice<Rig.Trace>) -> Float {
        trace.reduce(0) { max($0, abs($1.height - $1.target)) }
    }

    private func distance(_ a: Motors, _ b: Motors) -> Float {
        (0..<4).reduce(0) { max($0, abs(a[$1] - b[$1])) }
    }
}
