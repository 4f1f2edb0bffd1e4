import Bench
import CContract
import Contract
import FlightCore
import Simulator

/// A flight with its verdict.
struct JudgedFlight {
    let options: VirtualFlight.Options
    let result: VirtualFlight.Result
    let ledger: TickLedger

    init(_ options: VirtualFlight.Options) {
        self.options = options
        result = VirtualFlight(options).fly()
        ledger = TickLedger(
            motors: result.motors, logs: result.logs, encoding: result.encoding, period: options.period,
            window: FlightWindow.airborne(result.truth) ?? 0..<1)
    }

    func measures(at switchTick: UInt64) -> UpdateMeasures {
        let pilot = ScriptedPilot(manoeuvreSeconds: options.manoeuvreSeconds)
        return UpdateMeasures(truth: result.truth, from: switchTick * options.period) {
            Double(pilot.ask(at: Double($0) / 1e9).setpoint.climb)
        }
    }

    /// Every count that must be 0.
    var faults: [String: Int] {
        [
            "missed": ledger.missed, "doubled": ledger.doubled, "held": ledger.held, "late": ledger.late,
            "torn": ledger.torn, "failsafe": ledger.failsafe, "two_owner": ledger.twoOwner, "stale": ledger.stale,
        ].filter { $0.value != 0 }
    }
}
