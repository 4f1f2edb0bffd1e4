package import CContract
import Contract
package import FlightCore
package import Simulator

/// What a replacement did to a flight: from the motor chip's log, the containers' logs and the truth. Pure.
package struct PeerJudge {
    package struct Evidence {
        package var motors: [MotorRecord]
        package var truth: [TruthRecord]
        /// Of the flight's own CPU.
        package var stalls: [StallRecord]
        /// Each container's own log, by instance.
        package var logs: [String: [da_command_record]]
        package var encoding: PCA9685.Encoding
        /// ns.
        package var period: UInt64
        /// Asked climb rate at a time (ns), m/s.
        package var climb: (UInt64) -> Double
        /// ns: from the command to the end of the manoeuvres.
        package var judged: Range<UInt64>

        package init(
            motors: [MotorRecord], truth: [TruthRecord], stalls: [StallRecord], logs: [String: [da_command_record]],
            encoding: PCA9685.Encoding, period: UInt64, climb: @escaping (UInt64) -> Double, judged: Range<UInt64>
        ) {
            self.motors = motors
            self.truth = truth
            self.stalls = stalls
            self.logs = logs
            self.encoding = encoding
            self.period = period
            self.climb = climb
            self.judged = judged
        }
    }

    /// Fills all that the evidence says into `outcome`.
    package static func judge(_ evidence: Evidence, into outcome: inout PeerOutcome) {
        let crash = evidence.truth.first { $0.truth.crashed }?.truth.time
        if crash != nil { outcome.end = .fell }
        let truth = evidence.truth.filter { $0.truth.time <= crash ?? .max }
        guard let window = FlightWindow.airborne(truth), window.upperBound > evidence.judged.lowerBound else { return }
        measureGap(evidence.judged.lowerBound..<window.upperBound, evidence, &outcome)
        measureMotion(truth, evidence.judged.clamped(to: window), evidence, &outcome)
    }

    private static func measureGap(_ window: Range<UInt64>, _ evidence: Evidence, _ outcome: inout PeerOutcome) {
        let ledger = DriverLedger(evidence, window)
        outcome.ticks = ledger.drivers.count
        outcome.ticksWithBoth = ledger.drivers.count { $0.count > 1 }
        var run = 0
        var wasStalled = false
        for (index, drivers) in ledger.drivers.enumerated() {
            guard drivers.isEmpty else {
                (run, wasStalled) = (0, false)
                continue
            }
            let begin = ledger.begin + UInt64(index) * evidence.period
            let isStalled = evidence.stalls.contains { $0.start < begin + evidence.period && $0.end > begin }
            // As for every flight, a stall excuses the tick in its wake too. It neither lengthens nor ends a gap.
            if isStalled || wasStalled { outcome.stalledTicks += 1 } else { run += 1 }
            wasStalled = isStalled
            outcome.gapTicks = max(outcome.gapTicks, run)
        }
        // The last tick may lie half behind the touchdown.
        outcome.cameBack = run <= 1
        if !outcome.cameBack { outcome.state = .none }
    }

    /// Slices of two seconds, as for every flight.
    private static func measureMotion(
        _ truth: [TruthRecord], _ judged: Range<UInt64>, _ evidence: Evidence, _ outcome: inout PeerOutcome
    ) {
        let slice = UInt64(UpdateMeasures.seconds * 1e9)
        var begin = judged.lowerBound
        while begin < judged.upperBound {
            let measures = UpdateMeasures(truth: truth, from: begin, climb: evidence.climb)
            outcome.tiltMax = max(outcome.tiltMax, measures.tiltMax)
            outcome.altitudeErrorMax = max(outcome.altitudeErrorMax, measures.altitudeErrorMax)
            begin += slice
        }
    }
}
