import FlightCore
import CContract
import Bench
import Simulator

for seed in UInt64(1)...6 {
    var options = VirtualFlight.Options(seed: seed)
    options.next = seed % 2 == 1 ? .v2 : .v1
    let result = VirtualFlight(options).fly()
    let window = FlightWindow.airborne(result.truth) ?? 0..<1
    let ledger = TickLedger(motors: result.motors, logs: result.logs, encoding: result.encoding, period: 2_000_000, window: window)
    print(seed, result.outcome as Any, result.crash as Any, result.endMode, result.switchTick, result.status.arming_refused, "ticks", ledger.entries.count, "missed", ledger.missed, "late", ledger.late, "held", ledger.held, "fs", ledger.failsafe, "dbl", ledger.doubled, "torn", ledger.torn, "two", ledger.twoOwner, "stale", ledger.stale, "stray", ledger.strayWrites)
    print(result.phases.map { "\($0.phase)@\(Double($0.at)/1e9)" })
    print(result.truth.map(\.truth.altitude).max() as Any, result.truth.map(\.truth.tilt).max() as Any)
}

do {
    let result = VirtualFlight(VirtualFlight.Options(seed: 1)).fly()
    let window = FlightWindow.airborne(result.truth) ?? 0..<1
    let ledger = TickLedger(motors: result.motors, logs: result.logs, encoding: result.encoding, period: 2_000_000, window: window)
    for e in ledger.entries where e.finding == .failsafe { print(e, Double(e.scheduled)/1e9); for w in result.motors where w.stop > e.scheduled && w.stop < e.scheduled + 2_000_000 { print(w.off) }; for l in result.logs.values { for r in l where r.tick == e.tick { print(r.motor, result.encoding.count(r.motor.0), result.encoding.count(r.motor.1), result.encoding.count(r.motor.2), result.encoding.count(r.motor.3)) }} }
    for t in result.truth where t.truth.time % 500_000_000 < 10_000_000 { print(Double(t.truth.time) / 1e9, t.truth.altitude, -t.truth.velocity.z, t.truth.tilt) }
}
