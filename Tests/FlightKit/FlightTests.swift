import CContract
import Contract
import FlightKit
import FlightV1
import FlightV2
import Testing

@Suite("Each controller flies")
struct FlightTests {
    private func flight<C: Controller>(_: C.Type, seed: UInt64) -> Verdict {
        var rig = Rig([fly(C.self)], seed: seed)
        rig.run()
        return Verdict(rig.trace)
    }

    @Test("V1: take-off, doublets, turn, climb, landing, in gusts", arguments: 1...5 as ClosedRange<UInt64>)
    func versionOne(seed: UInt64) {
        let flight = flight(CascadeController.self, seed: seed)
        #expect(flight.isSafe, "\(flight)")
    }

    @Test("V2: the same", arguments: 1...5 as ClosedRange<UInt64>)
    func versionTwo(seed: UInt64) {
        let flight = flight(ReducedAttitudeController.self, seed: seed)
        #expect(flight.isSafe, "\(flight)")
    }
}

/// What a flight was like.
struct Verdict: CustomStringConvertible {
    var heightError: Float = 0
    var tilt: Float = 0
    var bankMissed: Float = 0
    var yawMissed: Float = 0
    var end: Float = 0
    var peak: Float = 0

    init(_ trace: [Rig.Trace]) {
        end = trace.last?.height ?? .infinity
        for (index, now) in trace.enumerated() {
            tilt = max(tilt, now.tilt)
            peak = max(peak, now.height)
            guard now.mode == UInt8(DA_MODE_FLY.rawValue), index > 500 else { continue }
            heightError = max(heightError, abs(now.height - now.target))
            // A setpoint that has stood for 0.5 s is to be met.
            guard trace[index - 250].setpoint == now.setpoint else { continue }
            bankMissed = max(bankMissed, abs(now.roll - now.setpoint.roll), abs(now.pitch - now.setpoint.pitch))
            yawMissed = max(yawMissed, abs(now.yawRate - now.setpoint.yaw_rate))
        }
    }

    var isSafe: Bool {
        heightError < 0.5 && tilt < 0.6 && bankMissed < 0.1 && yawMissed < 0.5 && peak > 3 && end < 0.02
    }

    var description: String {
        "height error \(heightError) m, tilt \(tilt) rad, bank missed by \(bankMissed) rad, "
            + "yaw rate missed by \(yawMissed) rad/s, peak \(peak) m, end \(end) m"
    }
}

extension da_setpoint {
    static func == (a: da_setpoint, b: da_setpoint) -> Bool {
        a.roll == b.roll && a.pitch == b.pitch && a.yaw_rate == b.yaw_rate && a.climb == b.climb
    }
}
