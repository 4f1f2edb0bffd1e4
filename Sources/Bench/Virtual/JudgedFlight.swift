import CContract
import Contract
import FlightCore
import Handover
import Simulator

/// A virtual flight with its verdict.
package struct JudgedFlight {
    package let options: VirtualFlight.Options
    package let result: VirtualFlight.Result
    package let ledger: TickLedger

    package init(_ options: VirtualFlight.Options) {
        self.options = options
        result = VirtualFlight(options).fly()
        ledger = TickLedger(
            motors: result.motors, logs: result.logs, encoding: result.encoding, period: options.period,
            window: FlightWindow.airborne(result.truth) ?? 0..<1)
    }

    package func measures(at switchTick: UInt64) -> UpdateMeasures {
        let pilot = ScriptedPilot(manoeuvreSeconds: options.manoeuvreSeconds)
        return UpdateMeasures(truth: result.truth, from: switchTick * options.period) {
            Double(pilot.ask(at: Double($0) / 1e9).setpoint.climb)
        }
    }

    /// Every count that must be 0, by its name in report.json.
    package var counts: [String: Int] {
        [
            "missed": ledger.missed, "doubled": ledger.doubled, "held": ledger.held, "late": ledger.late,
            "torn": ledger.torn, "failsafe": ledger.failsafe, "two_owner": ledger.twoOwner,
            "stale_applied": ledger.stale,
        ]
    }

    /// Those that are not.
    package var faults: [String: Int] { counts.filter { $0.value != 0 } }

    /// Whether an update was flown that cost nothing.
    package var holds: Bool {
        faults.isEmpty && result.crash == nil && result.outcome == .updated && !ledger.entries.isEmpty
    }
}
